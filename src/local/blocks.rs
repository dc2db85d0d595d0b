//! Block heights, computed from the time of day, since the local network has no chain.

/// The time of the first block, and the time between blocks.
///
/// The default gives the height that Arweave would have if every block since its first had taken two minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// The time of the first block, in milliseconds since 1970.
    pub began: u64,
    /// The height of that block.
    pub first: u64,
    /// The time between two blocks, in milliseconds.
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
    /// The height of the newest block at a time in milliseconds since 1970.
    pub fn height(&self, timestamp: u64) -> u64 {
        self.first + timestamp.saturating_sub(self.began) / self.interval.max(1)
    }

    /// The time of the block at a height, in milliseconds since 1970.
    pub(crate) fn time(&self, height: u64) -> u64 {
        let blocks = height.saturating_sub(self.first);
        self.began.saturating_add(blocks.saturating_mul(self.interval))
    }

    /// The height as scheduler units write it: padded with zeros to 12 digits.
    pub(crate) fn padded(&self, timestamp: u64) -> String {
        format!("{:012}", self.height(timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn height_grows_by_one_per_interval() {
        let blocks = Blocks::default();
        assert_eq!(blocks.height(0), 0);
        assert_eq!(blocks.height(blocks.began + blocks.interval - 1), 0);
        assert_eq!(blocks.height(blocks.began + blocks.interval), 1);
        assert!(blocks.height(1_700_000_000_000) > 1_400_000);
        assert_eq!(blocks.padded(blocks.began + blocks.interval), "000000000001");
    }
}
