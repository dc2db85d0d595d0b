//! Encodes and decodes tags: Avro's `array<record { name: bytes, value: bytes }>`.
//!
//! The canonical form is one block of positive count and a closing zero; an empty list is no bytes at all. Only this
//! form is written, since nodes that encode the tags again before hashing accept no other.

use super::Problem;
use crate::error::{Error, ErrorKind, Result};

/// The most tags of an item (ANS-104).
pub const MAX_TAGS: usize = 128;
/// The most bytes of a tag's name (ANS-104).
pub const MAX_NAME_LENGTH: usize = 1024;
/// The most bytes of a tag's value (ANS-104).
pub const MAX_VALUE_LENGTH: usize = 3072;
/// The most bytes of encoded tags that arbundles accepts.
pub const MAX_SECTION_LENGTH: usize = 4096;

/// The most tags of an item that is read. ANS-104 allows 128. arbundles does not count tags, but an item that it writes
/// has at most 2,046: each tag takes at least two bytes of [`MAX_SECTION_LENGTH`].
pub const MAX_READ_TAGS: u64 = 2048;
/// The most bytes of encoded tags that are read: twice those of 128 tags with names of 1024 and values of 3072 bytes.
pub const MAX_READ_SECTION: u64 = 1 << 20;

/// A name and a value. They are bytes, which need not be text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
}

impl Tag {
    pub fn new(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    pub fn has_name(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }
}

/// Encodes tags in canonical form.
///
/// # Errors
/// `BadTags` for tags over a limit of ANS-104 or of arbundles.
pub(super) fn encode(tags: &[Tag]) -> Result<Vec<u8>> {
    let bad = |message: String| Err(Error::new(ErrorKind::BadTags, message));
    if tags.len() > MAX_TAGS {
        return bad(format!(
            "An item may have {MAX_TAGS} tags, but has {}. Move some into the data",
            tags.len()
        ));
    }
    for tag in tags {
        let name = String::from_utf8_lossy(&tag.name);
        if tag.name.is_empty() {
            return bad("A tag has an empty name. Give every tag a name".into());
        }
        if tag.name.len() > MAX_NAME_LENGTH {
            return bad(format!(
                "A tag's name may have {MAX_NAME_LENGTH} bytes, but \"{}…\" has {}",
                name.chars().take(32).collect::<String>(),
                tag.name.len()
            ));
        }
        if tag.value.len() > MAX_VALUE_LENGTH {
            return bad(format!(
                "A tag's value may have {MAX_VALUE_LENGTH} bytes, but the value of \"{name}\" has {}. Move it into the data",
                tag.value.len()
            ));
        }
    }
    let bytes = encode_unchecked(tags);
    if bytes.len() > MAX_SECTION_LENGTH {
        return bad(format!(
            "Too many tag bytes ({} > {MAX_SECTION_LENGTH}). Move some of the tags into the data",
            bytes.len()
        ));
    }
    Ok(bytes)
}

/// As [`encode`], without limits.
pub(crate) fn encode_unchecked(tags: &[Tag]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if tags.is_empty() {
        return bytes;
    }
    write_long(&mut bytes, tags.len() as i64);
    for tag in tags {
        for part in [&tag.name, &tag.value] {
            write_long(&mut bytes, part.len() as i64);
            bytes.extend_from_slice(part);
        }
    }
    bytes.push(0);
    bytes
}

/// Checks the number and the length of an item's tags before reading any: a tag of two bytes takes a hundred in memory.
///
/// # Errors
/// `BadItem` over [`MAX_READ_TAGS`] or [`MAX_READ_SECTION`].
pub(super) fn check_size(count: u64, length: u64) -> Result<()> {
    for (what, stated, limit) in [
        ("tags", count, MAX_READ_TAGS),
        ("bytes of tags", length, MAX_READ_SECTION),
    ] {
        if stated > limit {
            let message = format!("The item states {stated} {what}; more than {limit} are not read");
            return Err(Error::new(ErrorKind::BadItem, message));
        }
    }
    Ok(())
}

/// Decodes a tag section in any form that other software may have signed, and lists its deviations from the canonical
/// form. Reads at most `count` tags, whatever the section states.
///
/// # Errors
/// `BadItem` for bytes that are not tags, and where their number is not `count`.
pub(super) fn decode(bytes: &[u8], count: u64) -> Result<(Vec<Tag>, Vec<Problem>)> {
    let mut problems = Problems::default();
    let mut reader = Reader { rest: bytes };
    let mut tags = Vec::new();
    let mut blocks = 0;
    loop {
        if reader.rest.is_empty() {
            if !bytes.is_empty() {
                problems.add(Problem::MissingTerminator);
            }
            break;
        }
        let mut items = reader.long()?;
        if items == 0 {
            break;
        }
        blocks += 1;
        let mut end_of_block = None;
        if items < 0 {
            problems.add(Problem::NegativeBlock);
            let length = usize::try_from(reader.long()?).map_err(|_| bad_tags())?;
            end_of_block = Some(reader.rest.len().checked_sub(length));
            items = items.checked_neg().ok_or_else(bad_tags)?;
        }
        if items as u64 > count - tags.len() as u64 {
            return Err(Error::new(
                ErrorKind::BadItem,
                format!("The item states {count} tags, but it has more"),
            ));
        }
        for _ in 0..items {
            let name = reader.bytes()?.to_vec();
            let value = reader.bytes()?.to_vec();
            tags.push(Tag { name, value });
        }
        if end_of_block.is_some_and(|end| end != Some(reader.rest.len())) {
            problems.add(Problem::BlockLength);
        }
    }
    if !reader.rest.is_empty() {
        problems.add(Problem::TrailingBytes);
    }
    if tags.len() as u64 != count {
        return Err(Error::new(
            ErrorKind::BadItem,
            format!("The item states {count} tags, but it has {}", tags.len()),
        ));
    }
    if blocks > 1 {
        problems.add(Problem::SeveralBlocks);
    }
    inspect(&tags, bytes, &mut problems);
    Ok((tags, problems.0))
}

fn inspect(tags: &[Tag], bytes: &[u8], problems: &mut Problems) {
    if tags.is_empty() && !bytes.is_empty() {
        problems.add(Problem::EmptySection);
    }
    if tags.len() > MAX_TAGS {
        problems.add(Problem::TooManyTags);
    }
    for tag in tags {
        if tag.name.is_empty() {
            problems.add(Problem::EmptyName);
        }
        if tag.name.len() > MAX_NAME_LENGTH {
            problems.add(Problem::LongName);
        }
        if tag.value.len() > MAX_VALUE_LENGTH {
            problems.add(Problem::LongValue);
        }
        if std::str::from_utf8(&tag.name).is_err() || std::str::from_utf8(&tag.value).is_err() {
            problems.add(Problem::NotText);
        }
    }
    if bytes.len() > MAX_SECTION_LENGTH {
        problems.add(Problem::LongSection);
    }
    if problems.0.is_empty() && encode_unchecked(tags) != bytes {
        problems.add(Problem::NotCanonical);
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }
}

/// Appends a number in Avro's encoding: zigzag, then seven bits for each byte, the low ones first.
fn write_long(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn long(&mut self) -> Result<i64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or_else(bad_tags)?;
            self.rest = rest;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((number >> 1) as i64 ^ -((number & 1) as i64));
            }
        }
        Err(bad_tags())
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.long()?).map_err(|_| bad_tags())?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(bad_tags)?;
        self.rest = rest;
        Ok(bytes)
    }
}

fn bad_tags() -> Error {
    Error::new(ErrorKind::BadItem, "The item's tags cannot be read; it is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_writes_the_canonical_form() {
        let tags = [Tag::new("Hello", "Bundlr!"), Tag::new("This is a ", "Test")];
        let mut expected = vec![0x04, 0x0a];
        expected.extend_from_slice(b"Hello\x0eBundlr!\x14This is a \x08Test\0");
        assert_eq!(encode(&tags).unwrap(), expected);
        assert_eq!(encode(&[]).unwrap(), b"");
        assert_eq!(decode(&expected, 2).unwrap(), (tags.to_vec(), vec![]));
    }

    #[test]
    fn decode_reads_lengths_of_several_bytes() {
        for length in [63, 64, 127, 128, 3072] {
            let tags = vec![Tag::new("a", vec![7; length])];
            assert_eq!(decode(&encode(&tags).unwrap(), 1).unwrap(), (tags, vec![]));
        }
    }

    #[test]
    fn encode_accepts_the_limits_and_refuses_one_more() {
        let many = |n| vec![Tag::new("a", "b"); n];
        assert!(encode(&many(128)).is_ok());
        assert_eq!(encode(&many(129)).unwrap_err().kind(), ErrorKind::BadTags);
        assert!(encode(&[Tag::new("n".repeat(1024), "")]).is_ok());
        assert!(encode(&[Tag::new("n".repeat(1025), "")]).is_err());
        assert!(encode(&[Tag::new("a", "v".repeat(3072))]).is_ok());
        assert!(encode(&[Tag::new("a", "v".repeat(3073))]).is_err());
        assert!(encode(&[Tag::new("", "v")]).is_err());
        // 3 + 1024 + 3 + 3072 - … : two tags that together fill the section to its last byte, then one more.
        let fill = |last: usize| [Tag::new("a", "v".repeat(3072)), Tag::new("b", "v".repeat(last))];
        let free = 4096 - encode(&fill(64)).unwrap().len();
        assert_eq!(encode(&fill(64 + free)).unwrap().len(), 4096);
        let error = encode(&fill(65 + free)).unwrap_err();
        assert!(error.message().starts_with("Too many tag bytes (4097 > 4096)"));
    }

    #[test]
    fn decode_reads_other_forms_and_names_the_deviation() {
        let cases: &[(&[u8], u64, &[Problem])] = &[
            (b"\0", 0, &[Problem::EmptySection]),
            (b"\x01\x08\x02a\x02b\0", 1, &[Problem::NegativeBlock]),
            (
                b"\x01\x0a\x02a\x02b\0",
                1,
                &[Problem::NegativeBlock, Problem::BlockLength],
            ),
            (b"\x02\x02a\x02b", 1, &[Problem::MissingTerminator]),
            (b"\x02\x02a\x02b\0\0", 1, &[Problem::TrailingBytes]),
            (b"\x02\x02a\x02b\x02\x02c\x02d\0", 2, &[Problem::SeveralBlocks]),
            (b"\x82\0\x02a\x02b\0", 1, &[Problem::NotCanonical]),
            (b"\x02\0\x02b\0", 1, &[Problem::EmptyName]),
            (b"\x02\x02a\x02\xff\0", 1, &[Problem::NotText]),
        ];
        for (bytes, count, problems) in cases {
            assert_eq!(decode(bytes, *count).unwrap().1, *problems, "{bytes:x?}");
        }
    }

    #[test]
    fn decode_reads_no_more_tags_than_the_item_states() {
        // These bytes are not a tag: reading them would be another error.
        let wrong = [0x03; 64];
        let blocks = |tags: usize, more: &[u8]| [&[0x02, 0, 0].repeat(tags), more, &wrong].concat();
        for more in [
            &b"\x02"[..],
            b"\xfe\xff\xff\xff\x0f",
            b"\x01\x02",
            b"\xff\xff\xff\xff\x0f\x02",
        ] {
            let error = decode(&blocks(3, more), 3).unwrap_err();
            assert_eq!(error.message(), "The item states 3 tags, but it has more", "{more:x?}");
        }
        assert_eq!(decode(&[0x02, 0, 0].repeat(2048), 2048).unwrap().0.len(), 2048);
    }

    #[test]
    fn decode_refuses_bytes_that_are_not_tags() {
        let cases: &[(&[u8], u64)] = &[
            (b"\x04\x02a\x02b\0", 2),
            (b"\x02\x02a\x02b\0", 2),
            (b"\x02\x03\x02b\0", 1),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1),
            (b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1),
        ];
        for (bytes, count) in cases {
            assert_eq!(
                decode(bytes, *count).unwrap_err().kind(),
                ErrorKind::BadItem,
                "{bytes:x?}"
            );
        }
    }
}
