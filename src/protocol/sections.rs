//! Sections of tags: a tag belongs to the closest `Data-Protocol` tag before it. Tags before the first one belong to
//! none.

use std::ops::Range;

use crate::ans104::Tag;

const DATA_PROTOCOL: &str = "Data-Protocol";

/// The range of a protocol's section: from its `Data-Protocol` tag up to that of another protocol.
fn section(tags: &[Tag], protocol: &str) -> Option<Range<usize>> {
    let is_protocol = |tag: &Tag| tag.value == protocol.as_bytes();
    let start = tags
        .iter()
        .position(|tag| tag.has_name(DATA_PROTOCOL) && is_protocol(tag))?;
    let length = tags[start..]
        .iter()
        .position(|tag| tag.has_name(DATA_PROTOCOL) && !is_protocol(tag));
    Some(start..length.map_or(tags.len(), |length| start + length))
}

/// Removes the tags of one name from a protocol's section. Removes the section too where nothing else is in it.
pub(super) fn remove(tags: &mut Vec<Tag>, protocol: &str, name: &str) {
    let Some(range) = section(tags, protocol) else { return };
    let mut kept: Vec<Tag> = tags[range.clone()]
        .iter()
        .filter(|tag| !tag.has_name(name))
        .cloned()
        .collect();
    if kept.iter().all(|tag| tag.has_name(DATA_PROTOCOL)) {
        kept.clear();
    }
    tags.splice(range, kept);
}

/// Appends tags to a protocol's section, and removes repeated `Data-Protocol` tags from it. A missing section is added
/// at the end.
pub(super) fn append(tags: &mut Vec<Tag>, protocol: &str, more: Vec<Tag>) {
    match section(tags, protocol) {
        Some(range) => {
            let mut section: Vec<Tag> = tags.splice(range.clone(), []).collect();
            let mut names = 0;
            section.retain(|tag| {
                names += usize::from(tag.has_name(DATA_PROTOCOL));
                !tag.has_name(DATA_PROTOCOL) || names == 1
            });
            section.extend(more);
            tags.splice(range.start..range.start, section);
        }
        None => {
            tags.push(Tag::new(DATA_PROTOCOL, protocol));
            tags.extend(more);
        }
    }
}

/// Adds a tag that belongs to no protocol, behind the others that belong to none.
pub(super) fn append_unassociated(tags: &mut Vec<Tag>, tag: Tag) {
    let place = tags
        .iter()
        .position(|tag| tag.has_name(DATA_PROTOCOL))
        .unwrap_or(tags.len());
    tags.insert(place, tag);
}
