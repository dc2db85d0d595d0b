//! Blocks, told from the time of day: a network without a chain has nothing else to count.

/// When Arweave began, in milliseconds since 1970.
const GENESIS: u64 = 1_528_500_720_000;
/// What Arweave aims at, in milliseconds.
pub(super) const BLOCK_TIME: u64 = 120_000;

/// The height of Arweave's block at that time, had all of them kept to the schedule.
pub(super) fn height(timestamp: u64) -> u64 {
    timestamp.saturating_sub(GENESIS) / BLOCK_TIME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_grow_with_time() {
        assert_eq!(height(0), 0);
        assert_eq!(height(GENESIS + BLOCK_TIME - 1), 0);
        assert_eq!(height(GENESIS + BLOCK_TIME), 1);
        assert!(height(1_700_000_000_000) > 1_400_000);
    }
}
