//! Block heights, computed from the time of day: a network without a chain has nothing else to count.

/// When blocks of a network began, and how long each takes.
///
/// By default the height is the one that Arweave would have if every block had taken two minutes since its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// Milliseconds since 1970 at which the first block began.
    pub began: u64,
    /// The height of that block.
    pub first: u64,
    /// Milliseconds from one block to the next.
    pub interval: u64,
}

impl Default for Blocks {
    fn default() -> Self {
        Self {
            began: 1_528_500_720_000,
            first: 0,
            interval: 120_000,
        }
    }
}

impl Blocks {
    /// The height of the newest block at that time, in milliseconds since 1970.
    pub fn height(&self, timestamp: u64) -> u64 {
        self.first + timestamp.saturating_sub(self.began) / self.interval.max(1)
    }

    /// As scheduler units write it: padded with zeros to 12 digits.
    pub(crate) fn padded(&self, timestamp: u64) -> String {
        format!("{:012}", self.height(timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_grow_with_time() {
        let blocks = Blocks::default();
        assert_eq!(blocks.height(0), 0);
        assert_eq!(blocks.height(blocks.began + blocks.interval - 1), 0);
        assert_eq!(blocks.height(blocks.began + blocks.interval), 1);
        assert!(blocks.height(1_700_000_000_000) > 1_400_000);
        assert_eq!(blocks.padded(blocks.began + blocks.interval), "000000000001");
    }
}
