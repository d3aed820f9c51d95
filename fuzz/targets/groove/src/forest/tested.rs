//! A store of four sets of trees, its models and its history.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::groove::GrooveOptions;
use downbeat_lsm::tree::TreeOptions;

use super::audit::Audit;
use super::sides::Sides;
use super::trees::{Kept, NARROW, Part, Plain, Scans, Set, SetOptions, Tick, WIDE};
use super::twin::Twin;
use crate::forest_options::forest_options;
use crate::store::{Options, TestedStore};
use downbeat::Checked;
use downbeat::check::equal;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::forest::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, History, IN_FLIGHT, INTERVAL, LEVELS, Operation,
};
use downbeat_storage_targets::store::Paces;

/// The blocks of the device.
const BLOCKS: u64 = 2048;

/// How many more keys than it can write a groove can prefetch between two beats.
const PREFETCH: u32 = 12;

/// A store of four sets of trees, its models and its history.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: TestedStore<Set>,
    pub(super) sides: Sides,
    pub(super) history: History,
    pub(super) scans: Scans,
    pub(super) audit: Audit,
    pub(super) twin: Twin,
    /// How many objects were inserted in this run, which the timestamps are made from.
    pub(super) made: u64,
    /// How many writes there were in this run.
    pub(super) stamp: u64,
    /// The kind of timestamps; an index into [`TIME_NAMES`](downbeat_model::forest::TIME_NAMES).
    pub(super) time: usize,
    /// The paces of the beats.
    pub(super) paces: Paces,
    /// The plain trees that are used; an index into
    /// [`PLAIN_NAMES`](downbeat_model::forest::PLAIN_NAMES).
    pub(super) plain: usize,
    /// Whether a tree or the device is full.
    pub(super) is_full: bool,
    /// Whether the store was opened again in this run.
    pub(super) was_reopened: bool,
    /// The merges and moves of each set of trees when the half-bar began.
    pub(super) compacted: [u64; 4],
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> Options<Set> {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let (batch, levels, growth) = (number(BATCH), number(LEVELS), number(GROWTH));
    // The sets of trees differ in numbers, levels and growth factors.
    let (other_levels, other_growth) = (2 + levels % 4, 2 + growth % 4);
    let narrow = TreeOptions {
        id: 9,
        name: NARROW,
        beat_value_count_max: batch,
        beats_per_bar: number(BAR),
        growth_factor: growth,
        level_count: levels,
        read_ahead: number(AHEAD),
    };
    let wide = TreeOptions {
        id: 100,
        name: WIDE,
        growth_factor: other_growth,
        level_count: other_levels,
        ..narrow
    };
    let objects = batch.div_ceil(2);
    let parts = GrooveOptions {
        tree_id: 2,
        batch_objects_max: objects,
        prefetch_max: objects + PREFETCH,
        objects_cache: CacheOptions { ways: Ways::Two, sets: 4 },
        beats_per_bar: number(BAR),
        growth_factor: growth,
        level_count: other_levels,
        read_ahead: number(AHEAD),
    };
    let ticks =
        GrooveOptions { tree_id: 40, growth_factor: other_growth, level_count: levels, ..parts };
    let mut forest = forest_options(number, [BLOCK, INTERVAL, CACHE, IN_FLIGHT], BLOCKS);
    (forest.lookups_max, forest.scans_max) = (4, 2);
    Options::fitting(forest, (narrow, parts, wide, ticks))
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let options = options(header);
        Self {
            sides: Sides::default(),
            history: History::default(),
            scans: Scans::new(&options.trees),
            audit: Audit::new(&options),
            twin: Twin::new(&options),
            store: TestedStore::new(options, header.number(Operation::SETTINGS, BAR)),
            made: 0,
            stamp: 0,
            time: 0,
            paces: Paces::default(),
            plain: 0,
            is_full: false,
            was_reopened: false,
            compacted: [0; 4],
        }
    }

    /// Makes this what [`Tested::new`] makes.
    pub(super) fn remake(&mut self, header: &Header) {
        let options = options(header);
        let Self {
            store,
            sides,
            history,
            scans,
            audit,
            twin,
            made,
            stamp,
            time,
            paces,
            plain,
            is_full,
            was_reopened,
            compacted,
        } = self;
        *sides = Sides::default();
        history.reset();
        *scans = Scans::new(&options.trees);
        *audit = Audit::new(&options);
        twin.remake(&options);
        store.remake(options, header.number(Operation::SETTINGS, BAR));
        (*made, *stamp, *time, *plain) = (0, 0, 0, 0);
        *paces = Paces::default();
        (*is_full, *was_reopened, *compacted) = (false, false, [0; 4]);
    }

    /// The options of the store with other sizes of memory: the present ones (0), the smallest (1),
    /// or larger ones (2).
    pub(super) fn with_memory(&self, memory: u32) -> Options<Set> {
        let mut options = self.store.options.clone();
        let (sets, in_flight, number, node_size) = match memory {
            0 => return options,
            1 => (1, 1, 1, 1024),
            _ => (32, 8, 16, 4096),
        };
        let Options { forest, trees: (narrow, parts, wide, ticks) } = &mut options;
        forest.cache = CacheOptions { sets, ..forest.cache };
        (forest.reads_in_flight_max, forest.writes_in_flight_max) = (in_flight, in_flight);
        (forest.lookups_max, forest.scans_max) = (number, number);
        forest.manifest_node_size = node_size;
        for groove in [parts, ticks] {
            groove.objects_cache = CacheOptions { sets, ..groove.objects_cache };
            groove.read_ahead = in_flight;
        }
        (narrow.read_ahead, wide.read_ahead) = (in_flight, in_flight);
        options
    }

    /// The options of the trees.
    pub(super) fn trees(&self) -> &SetOptions {
        &self.store.options.trees
    }

    /// Whether a scope is open, in all trees.
    pub(super) fn scope_is_open(&self) -> bool {
        self.sides.parts.objects.scope_is_open()
    }

    /// Whether the store did its whole history.
    pub(super) fn is_live(&self) -> bool {
        self.history.next().is_none()
    }

    /// Checks how many writes each set of trees still accepts in this beat, and whether the store
    /// is read-only.
    pub(super) fn check_room(&mut self) -> Checked {
        self.store.check_failed()?;
        if self.store.forest.failed().is_some() {
            return Ok(());
        }
        self.check_room_of_plain::<super::trees::Narrow>()?;
        self.check_room_of_plain::<super::trees::Wide>()?;
        self.check_room_of::<Part>()?;
        self.check_room_of::<Tick>()
    }

    fn check_room_of_plain<R: Plain>(&mut self) -> Checked {
        let batch = self.trees().0.beat_value_count_max;
        let expected = batch - self.sides.plain[R::NUMBER].written;
        let got = R::tree(self.store.forest.trees_and_grid().0).room();
        equal("room-is-what-is-left", expected, got)
            .or("a tree has another room for writes than the beat has left")
    }

    fn check_room_of<O: Kept>(&mut self) -> Checked {
        let batch = self.trees().1.batch_objects_max;
        let expected = batch - O::side(&mut self.sides).objects.writes_since_beat();
        let got = O::groove(self.store.forest.trees_and_grid().0).room();
        equal("room-is-what-is-left", expected, got)
            .or("a groove has another room for writes than the beat has left")
    }
}
