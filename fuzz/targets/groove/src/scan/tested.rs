//! A store of one groove, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::groove::GrooveOptions;

use super::cursors::OpenCursor;
use super::kept::Rows;
use crate::forest_options::forest_options;
use crate::store::{Options, TestedStore};
use downbeat::Checked;
use downbeat::check::equal;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::scan as model;
use downbeat_model::scan::{
    BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, LOOKUPS, Operation, SCANS,
};

/// The blocks of the device.
const BLOCKS: u64 = 2048;

/// A store of one groove, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: TestedStore<Rows>,
    pub(super) rows: model::Rows,
    pub(super) cursors: [Option<OpenCursor>; 3],
    /// How many rows were inserted in this run, which the timestamps are made from.
    pub(super) made: u64,
    /// How many writes there were in this run.
    pub(super) stamp: u64,
    /// The kind of timestamps; an index into [`TIME_NAMES`](model::TIME_NAMES).
    pub(super) time: usize,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> Options<Rows> {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let rows = GrooveOptions {
        tree_id: 1,
        batch_objects_max: number(BATCH),
        prefetch_max: number(BATCH),
        objects_cache: CacheOptions { ways: Ways::Two, sets: 16 },
        beats_per_bar: number(BAR),
        growth_factor: number(GROWTH),
        level_count: number(LEVELS),
        read_ahead: 1,
    };
    let mut forest = forest_options(number, [BLOCK, INTERVAL, CACHE, IN_FLIGHT], BLOCKS);
    (forest.lookups_max, forest.scans_max) = (number(LOOKUPS), number(SCANS));
    Options::fitting(forest, rows)
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            store: TestedStore::new(options(header), header.number(Operation::SETTINGS, BAR)),
            rows: model::Rows::default(),
            cursors: [const { None }; 3],
            made: 0,
            stamp: 0,
            time: 0,
        }
    }

    /// Makes this what [`Tested::new`] makes.
    pub(super) fn remake(&mut self, header: &Header) {
        let Self { store, rows, cursors, made, stamp, time } = self;
        store.remake(options(header), header.number(Operation::SETTINGS, BAR));
        *rows = model::Rows::default();
        *cursors = [const { None }; 3];
        (*made, *stamp, *time) = (0, 0, 0);
    }

    /// The options of the store with other sizes of memory: the present ones (0), the smallest (1),
    /// or larger ones (2).
    pub(super) fn with_memory(&self, memory: u32) -> Options<Rows> {
        let mut options = self.store.options.clone();
        let (sets, number, node_size) = match memory {
            0 => return options,
            1 => (1, 1, 1024),
            _ => (32, 16, 4096),
        };
        let Options { forest, trees } = &mut options;
        forest.cache = CacheOptions { sets, ..forest.cache };
        (forest.reads_in_flight_max, forest.writes_in_flight_max) = (number, number);
        (forest.lookups_max, forest.scans_max) = (number, number.max(3));
        forest.manifest_node_size = node_size;
        trees.objects_cache = CacheOptions { sets, ..trees.objects_cache };
        options
    }

    /// Checks how many writes the groove still accepts in this beat, and whether the store is
    /// read-only.
    pub(super) fn check_room(&mut self) -> Checked {
        self.store.check_failed()?;
        if self.store.forest.failed().is_some() {
            return Ok(());
        }
        let batch = self.store.options.trees.batch_objects_max;
        let expected = batch - self.rows.objects.writes_since_beat();
        equal("room-is-what-is-left", expected, self.store.forest.trees().room())
            .or("a groove has another room for writes than the beat has left")
    }
}
