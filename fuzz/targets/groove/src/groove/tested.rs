//! A store of two grooves, and their model.

use std::collections::BTreeSet;

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::groove::GrooveOptions;

use super::kept::{Grooves, Kept, Name, Thing, Tick};
use super::meanwhile::UnderWay;
use crate::forest_options::forest_options;
use crate::store::{Options, TestedStore};
use downbeat::Checked;
use downbeat::check::equal;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::groove as model;
use downbeat_model::groove::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, LOOKUPS, OBJECTS,
    Objects, Operation, PREFETCH, SCANS,
};

/// The number of blocks of the device.
const BLOCKS: u64 = 2048;

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
    pub(super) store: TestedStore<Grooves>,
    pub(super) sides: Sides,
    /// How many objects were inserted in this run, which the timestamps are made from.
    pub(super) made: u64,
    /// The number of the last write in this run.
    pub(super) stamp: u64,
    /// The kind of timestamps; an index into [`model::TIME_NAMES`].
    pub(super) time: usize,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> Options<Grooves> {
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
    let mut forest = forest_options(number, [BLOCK, INTERVAL, CACHE, IN_FLIGHT], BLOCKS);
    (forest.lookups_max, forest.scans_max) = (number(LOOKUPS), number(SCANS));
    Options::fitting(forest, (things, ticks))
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            store: TestedStore::new(options(header), header.number(Operation::SETTINGS, BAR)),
            sides: Sides::default(),
            made: 0,
            stamp: 0,
            time: 0,
        }
    }

    /// Makes this what [`Tested::new`] makes.
    pub(super) fn remake(&mut self, header: &Header) {
        let Self { store, sides, made, stamp, time } = self;
        store.remake(options(header), header.number(Operation::SETTINGS, BAR));
        *sides = Sides::default();
        (*made, *stamp, *time) = (0, 0, 0);
    }

    /// The options of the store with other sizes of memory: the present ones (0), the smallest (1),
    /// or larger ones (2).
    pub(super) fn with_memory(&self, memory: u32) -> Options<Grooves> {
        let mut options = self.store.options.clone();
        let (sets, in_flight, lookups_max, prefetch_max, node_size) = match memory {
            0 => return options,
            1 => (1, 1, 1, 1, 1024),
            _ => (32, 8, 16, 16, 4096),
        };
        let Options { forest, trees: (things, ticks) } = &mut options;
        forest.cache = CacheOptions { sets, ..forest.cache };
        (forest.reads_in_flight_max, forest.writes_in_flight_max) = (in_flight, in_flight);
        forest.lookups_max = lookups_max;
        forest.manifest_node_size = node_size;
        for groove in [things, ticks] {
            groove.objects_cache = CacheOptions { sets, ..groove.objects_cache };
            groove.prefetch_max = prefetch_max;
            groove.read_ahead = in_flight;
        }
        options
    }

    /// Whether a scope is open, in both grooves.
    pub(super) fn scope_is_open(&self) -> bool {
        self.sides.things.objects.scope_is_open()
    }

    /// Checks how many writes each groove still accepts in this beat, and whether the store is
    /// read-only.
    pub(super) fn check_room(&mut self) -> Checked {
        self.store.check_failed()?;
        if self.store.forest.failed().is_some() {
            return Ok(());
        }
        self.check_room_of::<Thing>()?;
        self.check_room_of::<Tick>()
    }

    fn check_room_of<O: Kept>(&mut self) -> Checked {
        let batch = self.store.options.trees.0.batch_objects_max;
        let expected = batch - O::side(&mut self.sides).objects.writes_since_beat();
        let got = O::groove(self.store.forest.trees_and_grid().0).room();
        equal("room-is-what-is-left", expected, got)
            .or("a groove accepts more writes or fewer than the beat has left")
    }
}
