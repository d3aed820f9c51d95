//! A store of two grooves, and their model.

use std::collections::BTreeSet;

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::{Forest, ForestOptions, StoreError, TreeSet};
use downbeat_lsm::groove::GrooveOptions;
use downbeat_lsm::storage::{Layout, LayoutOptions};

use super::events::{Event, FaultEvent};
use super::kept::{Grooves, Kept, Name, Thing, Tick};
use super::meanwhile::UnderWay;
use downbeat::check::{equal, fail, same};
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, LOOKUPS, OBJECTS,
    Objects, Operation, PREFETCH, SCANS, Triggers,
};
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{BeatFaults, Root};

/// The number of blocks of the device.
const BLOCKS: u64 = 2048;

/// The options of the store: those of the forest, and those of each groove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) forest: ForestOptions,
    pub(super) grooves: (GrooveOptions, GrooveOptions),
}

/// The model of a groove, and the keys that were prefetched since the last beat.
#[derive(Debug)]
pub(super) struct Side<M> {
    pub(super) objects: Objects<M>,
    /// The keys that were prefetched.
    pub(super) prefetched: BTreeSet<Name>,
    /// The primary keys that can be got: those that were prefetched or written, and those of
    /// objects that were prefetched by another key.
    pub(super) known: BTreeSet<u128>,
    /// The prefetch that is under way, if there is one.
    pub(super) under_way: Option<UnderWay>,
}

impl<M> Default for Side<M> {
    fn default() -> Self {
        let (prefetched, known) = (BTreeSet::new(), BTreeSet::new());
        Self { objects: Objects::default(), prefetched, known, under_way: None }
    }
}

impl<M: model::Stored> Side<M> {
    /// Forgets the prefetched keys, as the groove does at the end of a beat.
    pub(super) fn forget(&mut self) {
        self.prefetched.clear();
        self.known.clear();
        self.under_way = None;
    }
}

/// The models of the grooves.
#[derive(Debug, Default)]
pub(super) struct Sides {
    pub(super) things: Side<model::Thing>,
    pub(super) ticks: Side<model::Tick>,
}

impl Sides {
    pub(super) fn beat(&mut self) {
        let Self { things, ticks } = self;
        things.objects.beat();
        ticks.objects.beat();
        things.forget();
        ticks.forget();
    }

    pub(super) fn checkpoint(&mut self, beat: u64) {
        self.things.objects.checkpoint(beat);
        self.ticks.objects.checkpoint(beat);
    }

    pub(super) fn is_durable(&self) -> bool {
        self.things.objects.is_durable() && self.ticks.objects.is_durable()
    }

    pub(super) fn reopen(&mut self, crashed: bool) {
        let Self { things, ticks } = self;
        things.objects.reopen(crashed);
        ticks.objects.reopen(crashed);
        things.forget();
        ticks.forget();
    }
}

/// A store of two grooves, and their model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) forest: Forest<Grooves, SimulatedDisk>,
    pub(super) sides: Sides,
    /// The present options.
    pub(super) options: Options,
    /// The options with which the store is opened at the beginning of a run.
    pub(super) first: Options,
    /// The options of the new object that opens the disk next; `None` if the same object does.
    pub(super) next: Option<Options>,
    /// When checkpoints are due.
    pub(super) triggers: Triggers,
    /// The checkpoints at which the store may open.
    pub(super) root: Root,
    /// The crashes and faults of the run.
    pub(super) faults: BeatFaults,
    /// How many times the disk was formatted in this run.
    pub(super) formatted: u64,
    /// How many timestamps were made in this run. The next timestamp is derived from this number.
    pub(super) made: u64,
    /// The number of the last write in this run.
    pub(super) stamp: u64,
    /// The kind of timestamps; an index into [`model::TIME_NAMES`].
    pub(super) time: usize,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> Options {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let things = GrooveOptions {
        tree_id: 1,
        batch_objects_max: number(BATCH),
        prefetch_max: number(PREFETCH),
        objects_cache: CacheOptions { ways: Ways::Two, sets: number(OBJECTS) },
        beats_per_bar: number(BAR),
        growth_factor: number(GROWTH),
        level_count: number(LEVELS),
        read_ahead: number(AHEAD),
    };
    let ticks = GrooveOptions { tree_id: 100, ..things };
    let mut forest = ForestOptions {
        layout: LayoutOptions {
            sector_size: 256,
            block_size: number(BLOCK) as usize,
            superblock_copies: 2,
            block_count: BLOCKS,
        },
        checkpoint_interval: number(INTERVAL),
        manifest_compact_extra_blocks: 1,
        manifest_node_size: 1024,
        cache: CacheOptions { ways: Ways::Two, sets: number(CACHE) },
        reads_in_flight_max: number(IN_FLIGHT),
        writes_in_flight_max: number(IN_FLIGHT),
        lookups_max: number(LOOKUPS),
        scans_max: number(SCANS),
    };
    let grooves = (things, ticks);
    let shapes = Grooves::shapes(&grooves);
    let mut tries = 0;
    while let Err(error) = forest.validate(&shapes) {
        // The log may have too few entries in a block to be compacted fast enough. All other errors
        // mean that blocks are too small.
        if matches!(error, downbeat_lsm::forest::InvalidStore::ManifestLog(_)) {
            forest.manifest_compact_extra_blocks *= 2;
        } else {
            forest.layout.block_size *= 2;
        }
        tries += 1;
        assert!(tries < 20, "groove: the settings are invalid: {error}");
    }
    Options { forest, grooves }
}

/// Creates a store with these options on a disk.
pub(super) fn new_forest(disk: SimulatedDisk, options: &Options) -> Forest<Grooves, SimulatedDisk> {
    Forest::new(disk, &options.forest, &options.grooves).expect("the target's settings are valid")
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let options = options(header);
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        let triggers = Triggers::new(
            u64::from(options.grooves.0.beats_per_bar),
            u64::from(options.forest.checkpoint_interval),
        );
        Self {
            forest: new_forest(SimulatedDisk::new(layout), &options),
            sides: Sides::default(),
            options,
            first: options,
            next: None,
            triggers,
            root: Root::default(),
            faults: BeatFaults::default(),
            formatted: 0,
            made: 0,
            stamp: 0,
            time: 0,
        }
    }

    /// The beat to which the next writes belong.
    pub(super) fn next_beat(&self) -> u64 {
        self.forest.beat_number() + 1
    }

    pub(super) fn disk(&mut self) -> &mut SimulatedDisk {
        self.forest.trees_and_grid().1.storage_mut()
    }

    /// Whether power is lost.
    #[inline]
    pub(super) fn is_down(&self) -> bool {
        self.forest.grid().storage().is_down()
    }

    /// How many I/Os have completed.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.forest.grid().storage().completed()
    }

    /// Whether a scope is open, in both grooves.
    pub(super) fn scope_is_open(&self) -> bool {
        self.sides.things.objects.scope_is_open()
    }

    /// Checks how many writes each groove still accepts in this beat, and whether the store is
    /// read-only.
    pub(super) fn check_room(&mut self) -> Checked {
        self.check_failed()?;
        if self.forest.failed().is_some() {
            return Ok(());
        }
        self.check_room_of::<Thing>()?;
        self.check_room_of::<Tick>()
    }

    fn check_room_of<O: Kept>(&mut self) -> Checked {
        let batch = self.options.grooves.0.batch_objects_max;
        let expected = batch - O::side(&mut self.sides).objects.writes_since_beat();
        let got = O::groove(self.forest.trees_and_grid().0).room();
        equal("room-is-what-is-left", expected, got)
            .or("a groove accepts more writes or fewer than the beat has left")
    }

    /// Checks that the store is read-only if and only if a beat failed, and that it returns the
    /// error of that beat.
    #[inline]
    pub(super) fn check_failed(&self) -> Checked {
        same("read-only-says-why", self.faults.failed, self.forest.failed())
            .or("a store is read-only without a beat that failed, or for another reason")
    }

    /// Checks that a beat failed because a tree or the device is full, or that the disk explains
    /// the error. The store is read-only from now on.
    #[cold]
    pub(super) fn refused(&mut self, error: StoreError, run: &mut Run) -> Checked {
        let disk = self.forest.grid().storage();
        match error {
            _ if self.faults.explains(&error, disk) => {
                FaultEvent::BeatFailed.count_if(!self.is_down(), run);
            }
            StoreError::ReadOnly(error) if full(&error).is_some() => Event::Full.count(run),
            error => {
                return Err(fail("nothing-fails", "success", error)
                    .saying("a call fails, but the device does not"));
            }
        }
        run.remark(|| error.to_string());
        Ok(())
    }
}
