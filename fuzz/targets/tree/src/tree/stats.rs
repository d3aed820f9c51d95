//! Checks what the store says of itself: [`StoreStats`](downbeat_lsm::store::StoreStats).

use super::tested::Tested;
use downbeat::Checked;
use downbeat::check::{equal, holds, same};
use downbeat::records::Versioned;

impl<R: Versioned> Tested<R> {
    /// Checks the figures of the store between bars.
    pub(super) fn check_stats(&self) -> Checked {
        let stats = match self.store.stats() {
            Ok(stats) => stats,
            Err(error) => {
                return same("stats-are-right", None, Some(error))
                    .or("an open store does not say what it consists of");
            }
        };
        equal("stats-are-right", self.root.acknowledged_beat(), stats.beat_durable)
            .or("the store says that another beat is durable than the last checkpoint holds")?;
        let layout = self.store.options().layout;
        same(
            "stats-are-right",
            (layout.block_count, layout.block_size as u64),
            (stats.blocks, stats.block_size),
        )
        .or("the store says that its device has other blocks")?;
        // Blocks of tables and of the log are neither free nor released.
        let tables: u64 = stats.levels.iter().map(|level| level.tables).sum();
        let held = stats.blocks - stats.blocks_free - stats.blocks_released;
        holds("stats-are-right", 2 * tables <= held)
            .show(|| (format!("{} blocks or more", 2 * tables), held))
            .or("the blocks that are in use are fewer than those of the tables")?;
        let keys = self.model.len() as u64;
        holds("stats-are-right", stats.records_max() >= keys)
            .show(|| (format!("{keys} or more"), stats.records_max()))
            .or("the store says that it has fewer records than there are")
    }
}
