//! The tags of messages and processes.

use super::{PROTOCOL, VARIANT, sections};
use crate::ans104::Tag;

/// The tags of a message. `defaulted` means that the caller gave no data, and that the data is one space.
pub fn message_tags(tags: Vec<Tag>, defaulted: bool) -> Vec<Tag> {
    with_protocol(tags, defaulted, &[], vec![Tag::new("Type", "Message")])
}

/// The tags of a process. `timestamp` is in milliseconds, and makes two spawns of the same module differ.
pub fn process_tags(tags: Vec<Tag>, defaulted: bool, module: &str, scheduler: &str, timestamp: u64) -> Vec<Tag> {
    with_protocol(
        tags,
        defaulted,
        &["Module", "Scheduler"],
        vec![
            Tag::new("Type", "Process"),
            Tag::new("Module", module),
            Tag::new("Scheduler", scheduler),
            Tag::new("Timestamp", timestamp.to_string()),
        ],
    )
}

/// Adds the protocol's tags, `own`. Removes the caller's tags named `Variant`, `Type`, or as one of `replaced`.
fn with_protocol(mut tags: Vec<Tag>, defaulted: bool, replaced: &[&str], mut own: Vec<Tag>) -> Vec<Tag> {
    // The caller may select another variant. The name's case does not matter.
    let variant = tags
        .iter()
        .find(|tag| tag.name.eq_ignore_ascii_case(b"variant"))
        .map(|tag| tag.value.clone())
        .filter(|variant| !variant.is_empty())
        .unwrap_or_else(|| VARIANT.into());
    own.insert(0, Tag::new("Variant", variant));

    for name in ["Variant", "Type"].iter().chain(replaced) {
        sections::remove(&mut tags, PROTOCOL, name);
    }
    sections::append(&mut tags, PROTOCOL, own);
    if defaulted {
        sections::append_unassociated(&mut tags, Tag::new("Content-Type", "text/plain"));
    }
    // Units and explorers identify clients by this tag. The value is aoconnect's, since processes check it.
    sections::append_unassociated(&mut tags, Tag::new("SDK", "aoconnect"));
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::tests::tags;

    #[test]
    fn message_tags_are_in_aoconnects_order() {
        for (given, expected) in [
            ("", "SDK=aoconnect Data-Protocol=ao Variant=ao.TN.1 Type=Message"),
            (
                "A=1 SDK=x",
                "A=1 SDK=x SDK=aoconnect Data-Protocol=ao Variant=ao.TN.1 Type=Message",
            ),
            (
                "A=1 Data-Protocol=ao B=2 Type=Z",
                "A=1 SDK=aoconnect Data-Protocol=ao B=2 Variant=ao.TN.1 Type=Message",
            ),
            (
                "Data-Protocol=x B=2",
                "SDK=aoconnect Data-Protocol=x B=2 Data-Protocol=ao Variant=ao.TN.1 Type=Message",
            ),
            (
                "Data-Protocol=ao Variant=v Data-Protocol=x B=2",
                "SDK=aoconnect Data-Protocol=x B=2 Data-Protocol=ao Variant=v Type=Message",
            ),
            (
                "Data-Protocol=ao A=1 Data-Protocol=ao B=2",
                "SDK=aoconnect Data-Protocol=ao A=1 B=2 Variant=ao.TN.1 Type=Message",
            ),
            (
                "Data-Protocol=ao Variant= Z=1 Data-Protocol=x",
                "SDK=aoconnect Data-Protocol=ao Z=1 Variant=ao.TN.1 Type=Message Data-Protocol=x",
            ),
            (
                "variant=v Type=Z",
                "variant=v Type=Z SDK=aoconnect Data-Protocol=ao Variant=v Type=Message",
            ),
        ] {
            assert_eq!(message_tags(tags(given), false), tags(expected), "{given}");
        }
        assert_eq!(
            message_tags(vec![], true),
            tags("Content-Type=text/plain SDK=aoconnect Data-Protocol=ao Variant=ao.TN.1 Type=Message")
        );
    }

    #[test]
    fn process_tags_replace_the_callers_module_and_scheduler() {
        assert_eq!(
            process_tags(
                tags("Module=a Data-Protocol=ao Module=b Timestamp=1"),
                false,
                "m",
                "s",
                7
            ),
            tags(
                "Module=a SDK=aoconnect Data-Protocol=ao Timestamp=1 Variant=ao.TN.1 Type=Process Module=m Scheduler=s Timestamp=7"
            )
        );
        assert_eq!(
            process_tags(tags("Authority=a"), false, "m", "s", 7),
            tags(
                "Authority=a SDK=aoconnect Data-Protocol=ao Variant=ao.TN.1 Type=Process Module=m Scheduler=s Timestamp=7"
            )
        );
    }
}
