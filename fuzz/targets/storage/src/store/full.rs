//! When a store may be full, and the bounds that follow from its options: on the tables of a level
//! and on the blocks that a bar writes.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::ManifestLevel;
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::Storage;
use downbeat_lsm::store::{Store, StoreOptions};

use super::trailers_max;
use downbeat::Checked;
use downbeat::check::holds;

/// What is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The last level of the tree.
    Tree,
    /// The device.
    Device,
}

/// What is full, according to an error of a beat; `None` if the error says something else.
#[must_use]
pub fn full(error: &BeatError) -> Option<Full> {
    match error {
        BeatError::TreeIsFull { .. } => Some(Full::Tree),
        BeatError::Grid(GridError::Full)
        | BeatError::Checkpoint(CheckpointError::Grid(GridError::Full)) => Some(Full::Device),
        BeatError::Grid(_) | BeatError::Checkpoint(_) => None,
    }
}

/// Checks that a store that is reported as full has no room left.
pub fn check_full<R: Record, S: Storage>(store: &Store<R, S>, full: Full) -> Checked {
    match full {
        Full::Tree => {
            let levels = store.tree().manifest().levels();
            let has = u64::from(levels.last().map_or(0, ManifestLevel::table_count_visible));
            let most = tables_max(store.options(), levels.len() as u32 - 1);
            holds("full-is-full", has >= most)
                .show(|| (format!("{most} tables"), has))
                .or("a tree is reported as full, but its last level has room")
        }
        Full::Device => {
            let free_set = store.grid().free_set();
            let waiting = free_set.released_count() + free_set.staged_count();
            let unused = free_set.block_count() - (free_set.acquired_count() - waiting);
            // A checkpoint frees the blocks that wait before a bar lacks them. The bar needs what it
            // writes, and two free sets: that of the last checkpoint and that of the next. Its
            // merges may have replaced as many blocks as they wrote.
            let bound = 2 * blocks_of_bar_reserved(store) + 2 * trailers_max(store.grid().layout());
            holds("full-is-full", unused <= bound)
                .show(|| (format!("{bound} or fewer that no table and no log uses"), unused))
                .or("a device is reported as full, but its tables and its log leave room for a bar")
        }
    }
}

/// The maximum number of tables of a level between bars.
#[must_use]
pub fn tables_max(options: &StoreOptions, level: u32) -> u64 {
    u64::from(options.tree.growth_factor).pow(level + 1)
}

/// The maximum number of blocks that a bar writes, not counting those of the free set: one merge
/// into each level, and the log.
#[must_use]
pub fn blocks_of_bar<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    let options = store.options();
    let growth = u64::from(options.tree.growth_factor);
    let levels = u64::from(options.tree.level_count);
    // The input of a merge is a table or a memtable, and up to `growth` tables of the level below.
    // Its output has at most one more table, which is partly filled.
    let table = 1 + u64::from(store.tree().layout().value_block_count_max());
    let pace = store.manifest_log().pace();
    let log = 2 * (pace.append_blocks() + pace.compact_blocks_max()) + 1;
    levels * (growth + 2) * table + log
}

/// The maximum number of blocks that a bar needs. For each merge, the beats reserve a few blocks
/// more than they write.
fn blocks_of_bar_reserved<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    blocks_of_bar(store) + 2 * (1 + u64::from(store.options().tree.level_count))
}

/// Checks that a store which announces an early checkpoint may lack room in this bar or the next.
/// Called at the end of the beat that decides it.
pub fn check_early<R: Record, S: Storage>(store: &Store<R, S>) -> Checked {
    let free = store.grid().free_set().free_count();
    let bound = 2 * blocks_of_bar_reserved(store) + trailers_max(store.grid().layout());
    holds("early-checkpoint-has-a-reason", free <= bound)
        .show(|| (format!("{bound} free blocks or fewer"), free))
        .or("a checkpoint is taken early, although two bars fit into the free blocks")
}

/// Whether a store may take an early checkpoint in this bar or the next two.
#[must_use]
pub fn may_be_early<R: Record, S: Storage>(store: &Store<R, S>) -> bool {
    let free = store.grid().free_set().free_count();
    free <= 5 * blocks_of_bar_reserved(store) + 2 * trailers_max(store.grid().layout())
}
