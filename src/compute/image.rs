//! Linear memory without its empty pages.

use super::engine::{Guest, Memory};
use super::trap::Trap;

/// What is compared, kept and restored at once.
pub(super) const PAGE: usize = 4096;

/// How many pages are looked at in one piece: an engine may have to copy what it shows.
const AT_ONCE: usize = 16;

pub(super) type Page = [u8; PAGE];

static EMPTY: Page = [0; PAGE];

/// Linear memory at one point in time, its pages of zeros left out: 2 MB where an aos process has 70 to 110.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Image {
    pages: Vec<Option<Box<Page>>>,
}

impl Image {
    pub(super) fn empty(size: u64) -> Self {
        let mut image = Self::default();
        image.resize(size);
        image
    }

    /// In bytes; memory is made of whole pages.
    pub(super) fn size(&self) -> u64 {
        self.pages.len() as u64 * PAGE as u64
    }

    /// Forgets what is past the end.
    pub(super) fn cut(&mut self, size: u64) {
        self.resize(size);
        self.pages.shrink_to_fit();
    }

    fn resize(&mut self, size: u64) {
        let count = usize::try_from(size).unwrap_or(usize::MAX) / PAGE;
        self.pages.resize_with(count, || None);
    }

    /// The pages that are not empty, with their numbers.
    pub(super) fn pages(&self) -> impl Iterator<Item = (usize, &Page)> {
        let pages = self.pages.iter().enumerate();
        pages.filter_map(|(index, page)| Some((index, &**page.as_ref()?)))
    }

    /// A page, empty or not, if memory reaches so far.
    pub(super) fn page(&self, index: usize) -> Option<&Page> {
        self.pages.get(index).map(|page| page.as_deref().unwrap_or(&EMPTY))
    }

    /// Puts bytes into a page; `None` past the end.
    #[must_use]
    pub(super) fn set(&mut self, index: usize, bytes: &[u8]) -> Option<()> {
        let page = self.pages.get_mut(index)?;
        if same(bytes, EMPTY.get(..bytes.len())?) {
            *page = None;
            return Some(());
        }
        let page = page.get_or_insert_with(|| Box::new(EMPTY));
        page.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }

    /// Makes the image equal to the memory, touching only what differs.
    pub(super) fn follow(&mut self, memory: &dyn Memory) -> Result<(), Trap> {
        self.resize(memory.size());
        for (index, pages) in self.pages.chunks_mut(AT_ONCE).enumerate() {
            let at = (index * AT_ONCE * PAGE) as u64;
            let now = memory.view(at, (pages.len() * PAGE) as u64).ok_or(Trap::OutOfBounds)?;
            for (page, now) in pages.iter_mut().zip(now.chunks_exact(PAGE)) {
                match page {
                    Some(page) if same(now, &page[..]) => {}
                    None if same(now, &EMPTY) => {}
                    Some(_) if same(now, &EMPTY) => *page = None,
                    page => page.get_or_insert_with(|| Box::new(EMPTY)).copy_from_slice(now),
                }
            }
        }
        Ok(())
    }

    /// Makes the memory equal to the image, touching only what differs. The memory must be as long.
    pub(super) fn restore(&self, guest: &mut dyn Guest) -> Result<(), Trap> {
        if guest.size() != self.size() {
            return Err(Trap::OutOfBounds);
        }
        for (index, pages) in self.pages.chunks(AT_ONCE).enumerate() {
            let at = (index * AT_ONCE * PAGE) as u64;
            let now = guest.view(at, (pages.len() * PAGE) as u64).ok_or(Trap::OutOfBounds)?;
            let pages = pages.iter().map(|page| page.as_deref().unwrap_or(&EMPTY));
            let different: Vec<_> = (0u64..)
                .zip(pages.zip(now.chunks_exact(PAGE)))
                .filter(|(_, (then, now))| !same(now, &then[..]))
                .map(|(index, (then, _))| (at + index * PAGE as u64, then))
                .collect();
            drop(now);
            for (at, then) in different {
                guest.write(at, then).ok_or(Trap::OutOfBounds)?;
            }
        }
        Ok(())
    }
}

#[cfg(not(target_family = "wasm"))]
fn same(one: &[u8], other: &[u8]) -> bool {
    one == other
}

/// WebAssembly has no fast `memcmp`: eight bytes at a time, without a branch for each, become vectors.
#[cfg(target_family = "wasm")]
fn same(one: &[u8], other: &[u8]) -> bool {
    let (one_words, one_rest) = one.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    let differs = |one: &[[u8; 8]], other: &[[u8; 8]]| {
        let words = one.iter().zip(other);
        words.fold(0, |all, (one, other)| {
            all | (u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other))
        }) != 0
    };
    one.len() == other.len()
        && one_rest == other_rest
        && !one_words
            .chunks(64)
            .zip(other_words.chunks(64))
            .any(|(one, other)| differs(one, other))
}
