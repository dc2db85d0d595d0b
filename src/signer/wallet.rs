//! Compares the item that a wallet signed with the item that it was asked to sign.

use crate::ans104::{DataDigest, Draft, Head, Tag};
use crate::error::{Error, ErrorKind, Result};

/// Names of tags by which units and nodes decide what an item is and how to process it.
const PROTOCOL_TAGS: [&str; 14] = [
    "data-protocol",
    "type",
    "variant",
    "module",
    "scheduler",
    "authority",
    "device",
    "scheduler-device",
    "push-device",
    "execution-device",
    "signing-format",
    "accept-bundle",
    "accept-codec",
    "require-codec",
];

fn is_protocol(tag: &Tag) -> bool {
    PROTOCOL_TAGS
        .iter()
        .any(|name| tag.name.eq_ignore_ascii_case(name.as_bytes()))
}

/// Compares the item that a wallet returned with the item that it was asked to sign. Returns a description of the
/// changes to tags that do not belong to the protocol: some wallets round amounts, others add their name.
///
/// # Errors
/// `Signer` where the target, the anchor, the data or a tag of the protocol differs.
pub fn compare(asked: &Draft, asked_data: DataDigest, made: &Head, made_data: DataDigest) -> Result<Option<String>> {
    let target = asked.target.as_ref().map_or(&[][..], |id| id.as_bytes());
    let anchor = asked.anchor.as_deref().unwrap_or_default();
    for (what, is_same) in [
        ("target", made.target() == target),
        ("anchor", made.anchor() == anchor),
        ("data", made_data == asked_data),
        ("set of protocol tags", same(&asked.tags, made.tags(), &is_protocol)),
    ] {
        if !is_same {
            let message = format!("The wallet returned an item with another {what} than requested. Nothing was sent");
            return Err(Error::new(ErrorKind::Signer, message));
        }
    }
    Ok((made.tags() != asked.tags).then(|| rewritten(&asked.tags, made.tags())))
}

/// Whether two lists have the same tags in the same order, among those for which `is_meant` is true.
fn same(asked: &[Tag], made: &[Tag], is_meant: &dyn Fn(&Tag) -> bool) -> bool {
    let mut made = made.iter();
    let mut next = || made.find(|tag| is_meant(tag));
    let mut asked = asked.iter().filter(|tag| is_meant(tag));
    asked.all(|tag| next() == Some(tag)) && next().is_none()
}

/// Describes which tags differ.
fn rewritten(asked: &[Tag], made: &[Tag]) -> String {
    let mut seen = Vec::new();
    let mut names = String::new();
    for Tag { name, .. } in asked.iter().chain(made) {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if !same(asked, made, &|tag| tag.name == *name) {
            names.push_str(if names.is_empty() { ": " } else { ", " });
            names.push_str(&String::from_utf8_lossy(name));
        }
    }
    match names.is_empty() {
        true => "The wallet put the tags in another order".into(),
        false => format!("The wallet changed tags{names}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ans104::SignatureType;
    use crate::arweave::Id;

    const ASKED: &str = "Action=Transfer Quantity=7 Data-Protocol=ao Variant=ao.TN.1 Type=Message";

    fn draft(tags: &str) -> Draft {
        let pairs = tags.split_whitespace().filter_map(|pair| pair.split_once('='));
        Draft {
            target: Some(Id::from_bytes([7; 32])),
            anchor: Some(vec![b'a'; 32]),
            tags: pairs.map(|(name, value)| Tag::new(name, value)).collect(),
        }
    }

    fn made(draft: &Draft) -> Head {
        draft.head(SignatureType::Arweave, &[1; 512]).unwrap()
    }

    /// The result for a wallet that returns `draft`.
    fn outcome(draft: &Draft, data: &[u8]) -> Result<Option<String>> {
        compare(
            &self::draft(ASKED),
            DataDigest::of(b"data"),
            &made(draft),
            DataDigest::of(data),
        )
    }

    #[test]
    fn compare_accepts_the_requested_item() {
        assert_eq!(outcome(&draft(ASKED), b"data").unwrap(), None);
    }

    #[test]
    fn compare_refuses_another_target_anchor_or_data() {
        let other = |change: fn(&mut Draft)| {
            let mut draft = draft(ASKED);
            change(&mut draft);
            draft
        };
        for (what, draft, data) in [
            (
                "target",
                other(|draft| draft.target = Some(Id::from_bytes([8; 32]))),
                "data",
            ),
            ("target", other(|draft| draft.target = None), "data"),
            ("anchor", other(|draft| draft.anchor = Some(vec![b'b'; 32])), "data"),
            ("anchor", other(|draft| draft.anchor = None), "data"),
            ("data", draft(ASKED), "Data"),
            ("data", draft(ASKED), ""),
        ] {
            let error = outcome(&draft, data.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Signer);
            assert!(error.message().contains(what), "{error}");
        }
    }

    #[test]
    fn compare_refuses_other_protocol_tags() {
        for tags in [
            "Action=Transfer Quantity=7 Data-Protocol=ao Variant=ao.TN.1 Type=Process",
            "Action=Transfer Quantity=7 Data-Protocol=ao Variant=ao.TN.1",
            "Action=Transfer Quantity=7 Data-Protocol=ao Variant=ao.TN.1 Type=Message Type=Message",
            "Action=Transfer Quantity=7 Data-Protocol=ao Variant=ao.TN.1 Type=Message authority=x",
            "Action=Transfer Quantity=7 Variant=ao.TN.1 Data-Protocol=ao Type=Message",
            "Action=Transfer Quantity=7 data-protocol=ao Variant=ao.TN.1 Type=Message",
        ] {
            let error = outcome(&draft(tags), b"data").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Signer, "{tags}");
            assert!(error.message().contains("protocol tags"), "{error}");
        }
    }

    #[test]
    fn compare_accepts_and_names_other_changes_to_tags() {
        let end = "Data-Protocol=ao Variant=ao.TN.1 Type=Message";
        for (tags, said) in [
            ("Action=Transfer Quantity=6", "The wallet changed tags: Quantity"),
            ("Quantity=7", "The wallet changed tags: Action"),
            (
                "Action=Transfer Quantity=7 App-Name=W",
                "The wallet changed tags: App-Name",
            ),
            (
                "App-Name=W Action=Burn Quantity=7 Quantity=7",
                "The wallet changed tags: Action, Quantity, App-Name",
            ),
            ("Quantity=7 Action=Transfer", "The wallet put the tags in another order"),
        ] {
            let outcome = outcome(&draft(&format!("{tags} {end}")), b"data");
            assert_eq!(outcome.unwrap().unwrap(), said);
        }
    }
}
