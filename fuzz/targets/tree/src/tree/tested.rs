//! A store of one type of records, and its model.

use std::cell::RefCell;

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::manifest_log::ManifestLog;
use downbeat_lsm::record::{Key as _, Usage as CoreUsage};
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::store::{Fullness, Store, StoreError, StoreOptions};
use downbeat_lsm::table::{TableLayout, TableOptions};
use downbeat_lsm::tree::TreeOptions;

use super::batches::NextBatch;
use super::beats::UnderWay;
use super::cost::InUse;
use super::events::{self, Event, FaultEvent};
use super::history::Change;
use super::lookups::OpenLookup;
use super::open_scans::OpenScan;
use super::states;
use downbeat::check::{equal, fail, holds};
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::Sizes;
use downbeat_model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Model, Operation,
    RECORD, Triggers, USAGE,
};
use downbeat_storage_targets::book::{Book, LogBook};
use downbeat_storage_targets::store::full::{check_full, check_goes_on, full};
use downbeat_storage_targets::store::{BeatFaults, Paces, Root};

/// The maximum number of lookups at once.
pub(super) const LOOKUPS: u32 = 8;

/// The maximum number of open scans.
pub(super) const SCANS: u32 = 3;

/// A store of one type of records, and its model.
#[derive(Debug)]
pub(crate) struct Tested<R: Versioned> {
    pub(crate) store: Store<R, SimulatedDisk>,
    pub(super) model: Model,
    /// Reads the manifest log on the disk.
    pub(super) log_book: LogBook,
    /// Reads blocks and the superblock on the disk.
    pub(super) book: RefCell<Book>,
    /// The tables that were audited, by the address of their index.
    pub(super) tables: super::audit::AuditedTables<R::Key>,
    /// The calls that the twin has not repeated yet; `None` if there is no twin.
    pub(crate) history: Option<Vec<Change>>,
    /// The number of blocks at the beginning of the device that are in use, but not by the tree.
    pub(super) ballast: u64,
    /// The memory of the next batch.
    pub(super) batch: NextBatch<R>,
    /// The number of writes in the open scope.
    pub(super) scope_writes: usize,
    pub(super) bars: u64,
    /// The blocks in use at the last checkpoint; `None` if they are unknown.
    pub(super) in_use: Option<InUse>,
    /// The number of blocks written until the end of the last bar.
    pub(super) written: u64,
    /// The number of deferred flushes since the store was opened, and for how many bars in a row
    /// flushes have been deferred.
    pub(super) deferred: (u64, usize),
    /// When checkpoints are due.
    pub(super) triggers: Triggers,
    /// The paces of the beats.
    pub(super) paces: Paces,
    /// The beat that was left under way.
    pub(super) under_way: Option<UnderWay>,
    /// Whether the operation leaves beats under way.
    pub(super) may_leave: bool,
    /// How beats and checkpoints are run; an index into `CALL_NAMES`.
    pub(super) calls: usize,
    /// The options with which the store is opened at the beginning of a run.
    pub(super) options: StoreOptions,
    /// The options of the new object that opens the disk next; `None` if the same object does.
    pub(super) next: Option<StoreOptions>,
    /// The expected key range of the tree. It spans the tables at the opening of the store and the
    /// keys put since.
    pub(super) range: Option<KeyRange<R::Key>>,
    /// The value of `range` when the scope was opened.
    pub(super) range_before: Option<KeyRange<R::Key>>,
    /// The lookups that are open, the oldest first.
    pub(super) lookups: Vec<OpenLookup>,
    /// The scans that are open, by number.
    pub(super) scans: [Option<OpenScan>; SCANS as usize],
    /// The number of scopes that were undone, of checkpoints, and of openings and formattings.
    pub(super) undone: u64,
    pub(super) checkpoints: u64,
    pub(super) openings: u64,
    /// How often all records were compared in this run.
    pub(super) comparisons: u64,
    /// The beat of the last checkpoint that the store announced early since it was opened, or 0.
    pub(super) early: u64,
    /// How many merges and moves the store has planned since it was opened, and how many bars in a
    /// row have planned none and left no record to be flushed.
    pub(super) quiet_bars: (u64, u64),
    /// Which writes the bar under way accepts; `None` if the store was opened in it.
    pub(super) fullness: Option<Fullness>,
    /// Whether the device grew when it was too small for a reserve, since it was formatted.
    pub(super) outgrew: bool,
    /// Whether tables were given up since the last checkpoint.
    pub(super) gave_up: bool,
    /// The crashes and faults of the run.
    pub(super) faults: BeatFaults,
    /// The checkpoints at which the store may open.
    pub(super) root: Root,
    /// How many times the disk was formatted in this run.
    pub(super) formatted: u64,
}

/// The options that the header of an input chooses, with blocks that are large enough for the
/// records.
pub(super) fn options<R: Versioned>(header: &Header) -> StoreOptions {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let tree = TreeOptions {
        id: 1,
        name: "records",
        beat_value_count_max: number(BATCH),
        beats_per_bar: number(BAR),
        growth_factor: number(GROWTH),
        level_count: number(LEVELS),
        read_ahead: number(AHEAD),
    };
    let block_size = fitting_block_size::<R>(number(BLOCK) as usize, &tree);
    let options = StoreOptions {
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
        scans_max: SCANS,
        discard: true,
    };
    with_valid_log(options)
}

/// Doubles `block_size` until a table of the tree fits.
pub(super) fn fitting_block_size<R: Versioned>(block_size: usize, tree: &TreeOptions) -> usize {
    let fits = |size| TableLayout::new(TableOptions::of::<R>(size, tree.value_count_max())).is_ok();
    let mut block_size = block_size;
    while !fits(block_size) {
        block_size *= 2;
    }
    block_size
}

/// Doubles the number of extra blocks until the options of the manifest log are valid.
pub(super) fn with_valid_log(mut options: StoreOptions) -> StoreOptions {
    let layout = Layout::new(options.layout).expect("the target's settings are valid");
    while ManifestLog::new(&options.manifest_log(), &layout).is_err() {
        options.manifest_compact_extra_blocks *= 2;
    }
    options
}

/// Creates a store with these sizes.
pub(crate) fn new_store<R: Versioned>(header: &Header) -> Store<R, SimulatedDisk> {
    let options = options::<R>(header);
    let layout = Layout::new(options.layout).expect("the target's settings are valid");
    Store::new(SimulatedDisk::new(layout), &options).expect("the target's settings are valid")
}

/// The sizes of a store with these options, as the documentation of the file format names them.
pub(super) fn sizes<R: Versioned>(options: &StoreOptions) -> Sizes {
    let StoreOptions { layout, tree, .. } = options;
    Sizes {
        sector: layout.sector_size,
        block: layout.block_size,
        copies: layout.superblock_copies,
        blocks: layout.block_count,
        record: size_of::<R>(),
        key: R::Key::SIZE,
        tree: tree.id,
        usage: usage_of::<R>(),
        batch: tree.beat_value_count_max,
        bar: tree.beats_per_bar,
        growth: tree.growth_factor,
        levels: tree.level_count,
        interval: options.checkpoint_interval,
        extra: options.manifest_compact_extra_blocks,
    }
}

fn usage_of<R: Versioned>() -> Usage {
    match R::USAGE {
        CoreUsage::General => Usage::General,
        CoreUsage::SecondaryIndex => Usage::Index,
    }
}

/// When the checkpoints of a store with these options are due.
fn triggers(options: &StoreOptions) -> Triggers {
    Triggers::new(u64::from(options.tree.beats_per_bar), u64::from(options.checkpoint_interval))
}

impl<R: Versioned> Tested<R> {
    pub(crate) fn new(header: &Header) -> Self {
        Self::of(new_store(header), 0)
    }

    /// Tests this store. The first `ballast` blocks of its device are in use, but not by the tree.
    pub(super) fn of(store: Store<R, SimulatedDisk>, ballast: u64) -> Self {
        let options = *store.options();
        Self {
            store,
            ballast,
            model: Model::default(),
            log_book: LogBook::default(),
            book: RefCell::new(Book::of_tree(sizes::<R>(&options))),
            tables: super::audit::AuditedTables::default(),
            history: None,
            batch: NextBatch::default(),
            scope_writes: 0,
            bars: 0,
            in_use: None,
            written: 0,
            deferred: (0, 0),
            triggers: triggers(&options),
            paces: Paces::default(),
            range: None,
            range_before: None,
            lookups: Vec::new(),
            scans: [const { None }; SCANS as usize],
            undone: 0,
            checkpoints: 0,
            openings: 0,
            comparisons: 0,
            early: 0,
            quiet_bars: (0, 0),
            fullness: None,
            outgrew: false,
            gave_up: false,
            under_way: None,
            may_leave: false,
            calls: 0,
            options,
            next: None,
            faults: BeatFaults::default(),
            root: Root::default(),
            formatted: 0,
        }
    }

    /// Makes this what [`Tested::new`] makes of this header, and uses the memory of its store
    /// again. Opening resets the rest. Returns false if the header chooses other records.
    pub(super) fn remake(&mut self, header: &Header) -> bool {
        let usage = Usage::ALL[header.index(USAGE)];
        let size = header.number(Operation::SETTINGS, RECORD) as usize;
        let is_same = usage == usage_of::<R>() && (usage == Usage::Index || size == size_of::<R>());
        if is_same {
            let options = options::<R>(header);
            let layout = Layout::new(options.layout).expect("the target's settings are valid");
            self.drop_tickets();
            self.device().reset(layout);
            self.store.renew(&options).expect("the target's settings are valid");
            self.options = options;
            self.triggers = triggers(&options);
            self.book = RefCell::new(Book::of_tree(sizes::<R>(&options)));
        }
        is_same
    }

    /// The beat to which the next puts belong.
    pub(super) fn next_beat(&self) -> u64 {
        self.store.beat_number() + 1
    }

    /// Adds a call to the history, if there is a twin.
    #[inline]
    pub(super) fn done(&mut self, change: Change) {
        if let Some(history) = &mut self.history {
            history.push(change);
        }
    }

    /// Checks how many writes the tree still accepts in this beat, its key range, and whether the
    /// store is read-only.
    pub(super) fn check_room_and_range(&self) -> Checked {
        self.check_failed()?;
        self.check_memory()?;
        let tree = self.store.tree();
        let most = tree.options().beat_value_count_max as usize;
        if self.store.failed().is_none() {
            let expected = most - self.model.writes_since_beat();
            equal("room-is-what-is-left", expected, tree.room() as usize)
                .or("the room for writes before the next beat is not the model's")?;
        }
        holds("key-range-holds-all-keys", tree.key_range() == self.range)
            .show(|| (format!("{:x?}", self.range), format!("{:x?}", tree.key_range())))
            .or("the key range of the tree does not span exactly the keys that were put")
    }

    /// Counts the statistics of the store as events and states of the run.
    pub(super) fn harvest(&self, run: &mut Run) {
        let tree = self.store.tree();
        let compactions = tree.compactions();
        let (mutable, immutable) = (tree.mutable().statistics(), tree.immutable().statistics());
        let log = self.store.manifest_log().statistics();
        events::store(compactions, log, &mutable, immutable).count(run);
        states::compactions(compactions, R::USAGE, run);
    }

    /// Checks that an error of the store is allowed: the store must be full, or a fault of the disk
    /// explains the error. The store is read-only from now on.
    pub(super) fn refused(&mut self, error: StoreError, run: &mut Run) -> Checked {
        if self.faults.explains(&error, self.store.grid().storage()) {
            FaultEvent::BeatFailed.count_if(!self.is_down(), run);
        } else if let StoreError::ReadOnly(beat) = &error
            && let Some(full) = full(beat)
        {
            Event::DeviceFull.count(run);
            check_goes_on(&self.store, full)?;
            check_full(&self.store, full)?;
        } else {
            return Err(fail("nothing-fails", "success", error)
                .saying("a call fails, but the device does not"));
        }
        run.remark(|| error.to_string());
        Ok(())
    }
}
