//! Counts of compactions, for events.

use downbeat_lsm::compaction::{CompactionStatistics, LevelCompactions};

/// A count of compactions, summed over the levels.
pub fn in_all_levels(
    compactions: &CompactionStatistics,
    count: impl Fn(&LevelCompactions) -> u64,
) -> u64 {
    compactions.levels.iter().map(count).sum()
}
