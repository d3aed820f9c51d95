//! A store of one kind of record, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest_log::ManifestLog;
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::store::{Store, StoreError, StoreOptions};
use downbeat_lsm::table::{TableLayout, TableOptions};
use downbeat_lsm::tree::TreeOptions;

use super::events::{self, Event};
use super::history::Deed;
use super::log_book::{LogBook, Named};
use super::shelf::smallest;
use super::states;
use crate::disk::{Order, SimulatedDisk};
use crate::failure::Divergence;
use crate::model::encoding::{Header, Operation as _};
use crate::model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Model, Operation,
};
use crate::run::Run;
use crate::targets::records::Versioned;

/// The most lookups at once.
pub(super) const LOOKUPS: u32 = 8;

/// A store and its model, whatever its records are.
pub(in crate::targets) trait AnyTested {
    fn open_run(&mut self, run: &mut Run) -> Result<(), Divergence>;
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence>;
    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence>;
    fn describe(&self) -> Vec<String>;
    /// Exchanges its disks: those of stores that are not in use take no memory.
    fn swap_disks(&mut self, spare: &mut [SimulatedDisk; 2]);
    /// What of its disks is chance, from now on; they are as new, if there is an order.
    fn set_chance(&mut self, order: Option<Order>, schedule: u64);
}

/// A store of one kind of record, and its model.
#[derive(Debug)]
pub(in crate::targets) struct Tested<R: Versioned> {
    pub(in crate::targets) store: Store<R, SimulatedDisk>,
    pub(super) model: Model,
    /// What the log says, by the book; and what it must say.
    pub(super) log_book: LogBook,
    pub(super) expected: Vec<Named>,
    /// Blocks of each table that was audited, by the address of its index: the value blocks.
    pub(super) tables: super::audit::AuditedTables,
    /// What was done since somebody asked, if anybody does.
    pub(in crate::targets) history: Option<Vec<Deed>>,
    /// Writes in the open scope.
    pub(super) scope_writes: usize,
    pub(super) bars: u64,
    /// Blocks that were written until the end of the last bar.
    pub(super) written: u64,
    /// Flushes that were deferred until now, and those of them in the latest bars without another.
    pub(super) deferred: (u64, usize),
}

/// The sizes that the header of an input says, with blocks as large as the records need.
pub(super) fn options<R: Versioned>(header: &Header) -> StoreOptions {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let tree = TreeOptions {
        id: 1,
        beat_value_count_max: number(BATCH),
        beats_per_bar: number(BAR),
        growth_factor: number(GROWTH),
        level_count: number(LEVELS),
        read_ahead: number(AHEAD),
    };
    let mut block_size = number(BLOCK) as usize;
    while TableLayout::new(TableOptions::of::<R>(block_size, tree.value_count_max())).is_err() {
        block_size *= 2;
    }
    let mut options = StoreOptions {
        layout: LayoutOptions {
            sector_size: 256,
            block_size,
            superblock_copies: 2,
            block_count: u64::from(number(DEVICE)),
        },
        tree,
        checkpoint_interval: number(INTERVAL),
        manifest_compact_extra_blocks: 1,
        manifest_node_size: 1024,
        cache: CacheOptions { ways: Ways::Two, sets: number(CACHE) },
        reads_in_flight_max: number(IN_FLIGHT),
        writes_in_flight_max: number(IN_FLIGHT),
        lookups_max: LOOKUPS,
    };
    let layout = Layout::new(options.layout).expect("the settings of the target can be");
    // As slow as it may be.
    while ManifestLog::new(&options.manifest_log(), &layout).is_err() {
        options.manifest_compact_extra_blocks *= 2;
    }
    options
}

/// A store of these sizes, whose disk is to be exchanged.
pub(in crate::targets) fn new_store<R: Versioned>(header: &Header) -> Store<R, SimulatedDisk> {
    let options = options::<R>(header);
    let layout = Layout::new(options.layout).expect("the settings of the target can be");
    let mut disk = smallest();
    disk.reset(layout);
    Store::new(disk, &options).expect("the settings of the target can be")
}

impl<R: Versioned> Tested<R> {
    pub(in crate::targets) fn new(header: &Header) -> Self {
        Self {
            store: new_store(header),
            model: Model::default(),
            log_book: LogBook::default(),
            expected: Vec::new(),
            tables: super::audit::AuditedTables::default(),
            history: None,
            scope_writes: 0,
            bars: 0,
            written: 0,
            deferred: (0, 0),
        }
    }

    /// The beat that what is put now belongs to.
    pub(super) fn next_beat(&self) -> u64 {
        self.store.beat_number() + 1
    }

    /// Notes what was done, if anybody asks.
    #[inline]
    pub(super) fn done(&mut self, deed: Deed) {
        if let Some(history) = &mut self.history {
            history.push(deed);
        }
    }

    /// Counts what the store says of itself.
    pub(super) fn harvest(&self, run: &mut Run) {
        let tree = self.store.tree();
        let compactions = tree.compactions();
        let (mutable, immutable) = (tree.mutable().statistics(), tree.immutable().statistics());
        let log = self.store.manifest_log().statistics();
        events::harvest(compactions, log, &mutable, immutable, run);
        states::compactions(compactions, run);
    }

    /// What a store may say that can do no more: then it is read-only.
    pub(super) fn refused(&mut self, error: StoreError, run: &mut Run) -> Result<(), Divergence> {
        match error {
            StoreError::ReadOnly(BeatError::TreeIsFull { .. }) => Event::TreeFull.count(run),
            StoreError::ReadOnly(BeatError::Grid(GridError::Full)) => Event::DeviceFull.count(run),
            error => {
                return Err(Divergence {
                    check: "nothing-fails",
                    what: "a call fails, and nothing is wrong with the device",
                    expected: "success".to_owned(),
                    got: error.to_string(),
                    state: Vec::new(),
                });
            }
        }
        run.remark(|| error.to_string());
        Ok(())
    }
}
