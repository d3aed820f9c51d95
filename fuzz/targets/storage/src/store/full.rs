//! When a store may be full, and the bounds that follow from its options: on the tables of a level
//! and on the blocks that a bar writes.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::ManifestLevel;
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::Storage;
use downbeat_lsm::store::{Fullness, Store, StoreOptions};

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

/// Checks that a store whose beat fails because it is full promises nothing else: its device is too
/// small for a reserve.
pub fn check_goes_on<R: Record, S: Storage>(store: &Store<R, S>, full: Full) -> Checked {
    let may_fail = full == Full::Device && !has_reserve(store, 0);
    holds("full-store-goes-on", may_fail)
        .show(|| ("a beat that ends".to_owned(), format!("{full:?}")))
        .or("a beat fails because the store is full, instead of puts before it")
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
            // A checkpoint frees the blocks that wait before a bar lacks them. The bar needs what
            // it writes, and two free sets: that of the last checkpoint and that of the next. Its
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

/// The maximum number of tables of all levels together with which puts are accepted. A merge turns
/// a table more than the growth factor into as many as the growth factor. If the last level is
/// full, some of its tables must fit.
#[must_use]
pub fn tables_with_puts_max(options: &StoreOptions) -> u64 {
    let growth = u64::from(options.tree.growth_factor);
    tables_max(options, options.tree.level_count - 1) / (growth + 1) * growth
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

/// Checks that a store which announces an early checkpoint may lack room in this bar or the next,
/// or is nearly full. Called at the end of the beat that decides it.
pub fn check_early<R: Record, S: Storage>(store: &Store<R, S>) -> Checked {
    if store.fullness() > Fullness::HasRoom {
        return Ok(());
    }
    let free = free_planned(store);
    let bound = 2 * blocks_of_bar_reserved(store) + trailers_max(store.grid().layout());
    holds("early-checkpoint-has-a-reason", free <= bound)
        .show(|| (format!("{bound} free blocks or fewer"), free))
        .or("a checkpoint is taken early, although two bars fit into the free blocks")
}

/// Whether a store may take an early checkpoint in this bar or the next two.
#[must_use]
pub fn may_be_early<R: Record, S: Storage>(store: &Store<R, S>) -> bool {
    let free = free_planned(store);
    free <= 5 * blocks_of_bar_reserved(store) + 2 * trailers_max(store.grid().layout())
        || store.fullness() > Fullness::HasRoom
        || !is_far_from_full(store, 3)
}

/// The blocks of the device by which the store decides: those that its last checkpoint names.
fn blocks_planned<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    store.superblock().working().state().options.block_count
}

/// The free blocks by which the store decides.
fn free_planned<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    let free_set = store.grid().free_set();
    free_set.free_count().saturating_sub(free_set.block_count() - blocks_planned(store))
}

/// Blocks of the device that tables and the log use: neither free nor waiting for a checkpoint.
fn blocks_used<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    let free_set = store.grid().free_set();
    free_set.acquired_count() - free_set.released_count() - free_set.staged_count()
}

/// The blocks of tables with the records of a full memtable.
fn blocks_of_memtable<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    let layout = store.tree().layout();
    let values = u64::from(store.options().tree.value_count_max());
    let blocks = values.div_ceil(u64::from(layout.block_value_count_max()));
    blocks + blocks.div_ceil(u64::from(layout.value_block_count_max()))
}

/// The blocks by which the log grows in a bar: trees fill some in each half-bar, and each leaves
/// one that is not full. A flush may be counted with a few tables more.
fn growth_of_log<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    2 * store.manifest_log().pace().append_blocks() + 12
}

/// The tables of all levels together.
fn tables<R: Record, S: Storage>(store: &Store<R, S>) -> u64 {
    let levels = store.tree().manifest().levels().iter();
    levels.map(|level| u64::from(level.table_count_visible())).sum()
}

/// The blocks that are used after `bars` more bars at most, and the blocks that a store must then
/// have to be certain of another bar and of removals.
fn needed_after<R: Record, S: Storage>(store: &Store<R, S>, bars: u64) -> u64 {
    let options = &store.options().tree;
    let of_log = growth_of_log(store);
    let grown = (bars + 1) * (blocks_of_memtable(store) + of_log);
    let used = blocks_used(store) + grown;
    // Only tables and the log need room for removals. Other blocks may be in use, too.
    let table = 1 + u64::from(store.tree().layout().value_block_count_max());
    let log = store.manifest_log().block_addresses().count() as u64;
    let of_tables = blocks_used(store).min(tables(store) * table + log) + grown;
    let removals = of_tables / (u64::from(options.growth_factor) - 1);
    // A memtable is flushed together with all tables of the first level.
    let bar = blocks_of_bar_reserved(store) + (bars + 2) * blocks_of_memtable(store);
    used + removals + bar + 2 * trailers_max(store.grid().layout())
}

/// Whether a store certainly has room for `bars` more bars, by bounds that follow from its options.
#[must_use]
pub fn is_far_from_full<R: Record, S: Storage>(store: &Store<R, S>, bars: u64) -> bool {
    let all = blocks_planned(store);
    let most = tables_with_puts_max(store.options());
    let tables = tables(store) + bars + 4;
    needed_after(store, bars + 2) + all / 8 <= all && tables + most / 8 < most
}

/// Checks which writes a store accepts, at the end of a bar. `before` is what the bar accepted;
/// `None` if the store was opened in the bar. `others` blocks are in use, but not by the store.
pub fn check_fullness<R: Record, S: Storage>(
    store: &Store<R, S>,
    before: Option<Fullness>,
    others: u64,
) -> Checked {
    let (all, fullness) = (blocks_planned(store), store.fullness());
    let say = |used: u64| format!("{fullness}: {used} of {all} blocks are needed");
    let is_far = is_far_from_full(store, 0);
    holds("full-is-full", !is_far || fullness == Fullness::HasRoom)
        .show(|| ("there is room".to_owned(), say(needed_after(store, 2))))
        .or("a store with much room says that it is nearly full")?;
    let signalled = before != Some(Fullness::HasRoom) || fullness <= Fullness::NearlyFull;
    holds("full-is-said-before", signalled)
        .show(|| (Fullness::NearlyFull, fullness))
        .or("a store refuses puts without having said that it is nearly full")?;
    if fullness > Fullness::NearlyFull {
        return Ok(());
    }
    // The puts of the next bar are flushed in the bar after it, before a checkpoint.
    let growth = u64::from(store.options().tree.growth_factor);
    let used = blocks_used(store);
    let least = used + (used - others) / (growth - 1) + 2 * blocks_of_memtable(store);
    holds("puts-leave-a-reserve", least <= all || !has_reserve(store, 0))
        .show(|| (format!("{all} or fewer blocks"), say(least)))
        .or("a store accepts puts, but has no room for the removals of its records")?;
    let most = tables_with_puts_max(store.options());
    holds("puts-leave-a-reserve", tables(store) < most)
        .show(|| (format!("fewer than {most} tables"), tables(store)))
        .or("a store accepts puts, but its last level has no room for all of its tables")
}

/// Whether a store promises that no beat fails because the device is full, although `others` blocks
/// are in use and not by the store.
#[must_use]
pub fn has_reserve<R: Record, S: Storage>(store: &Store<R, S>, others: u64) -> bool {
    if others == 0 {
        // The target `options` compares what options say with the model.
        return store.has_reserve();
    }
    let of_log = growth_of_log(store);
    let memtable = blocks_of_memtable(store);
    let used = 2 * (memtable + of_log);
    let least = 2 * used + 3 * memtable + 2 * of_log + blocks_of_bar_reserved(store);
    let least = least + 2 * trailers_max(store.grid().layout());
    2 * least <= blocks_planned(store) - others
}
