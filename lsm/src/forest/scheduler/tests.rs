//! Two trees under one scheduler, in one grid, with one manifest log. The trees differ in records,
//! levels and growth factor. The device does not fail in these tests.

use std::collections::BTreeMap;

use super::{Context, Scheduler};
use crate::collections::{CacheOptions, NodePool, NodePoolOptions, Ways};
use crate::compaction::{Bars, CompactionPace};
use crate::forest::{BeatProgress, Scheduled};
use crate::grid::{Grid, GridOptions, Stepped};
use crate::manifest_log::{ManifestLog, ManifestLogOptions};
use crate::record::Usage;
use crate::storage::{Layout, LayoutOptions, MemoryStorage, Storage as _};
use crate::superblock::{CheckpointState, Superblock};
use crate::test_records::{Entry, Numbered, Object};
use crate::tree::{Tree, TreeOptions};

const BEATS_PER_BAR: u32 = 4;
const NODE_SIZE: usize = 1024;

/// A tree, and the records that it must contain: `map` now, and `held` after the store is opened at
/// the last checkpoint.
struct Watched<R: Numbered> {
    tree: Tree<R>,
    keys: u64,
    map: BTreeMap<u64, R>,
    /// The map at the ends of the last two bars. A checkpoint contains the records of the older
    /// one.
    bars: [BTreeMap<u64, R>; 2],
    held: BTreeMap<u64, R>,
}

impl<R: Numbered> Watched<R> {
    fn new(options: TreeOptions, block_size: usize, keys: u64) -> Self {
        let tree = Tree::new(options, block_size, NODE_SIZE, 400).expect("valid options");
        let bars = [BTreeMap::new(), BTreeMap::new()];
        Self { tree, keys, map: BTreeMap::new(), bars, held: BTreeMap::new() }
    }

    /// Puts or removes a record.
    fn write(&mut self, chance: u64, stamp: u64) {
        if self.tree.room() == 0 {
            return;
        }
        let key = chance / 8 % self.keys;
        let is_there = self.map.contains_key(&key);
        let removes = match R::USAGE {
            Usage::General => chance % 8 < 3,
            // In an index, only a present key may be removed, and only an absent key may be put.
            Usage::SecondaryIndex => is_there,
        };
        if removes {
            self.tree.remove(R::key_of(key));
            self.map.remove(&key);
        } else {
            let record = R::put(key, stamp);
            self.tree.put(&record);
            self.map.insert(key, record);
        }
    }

    fn check(&self, grid: &mut Grid<MemoryStorage>) {
        for key in 0..self.keys {
            let wide = R::key_of(key);
            let found = match self.tree.lookup_memory(wide) {
                Some(record) => Some(*record),
                None => {
                    let mut lookup = self.tree.lookup(wide, 0);
                    loop {
                        if let Some(found) = lookup.advance(&self.tree, grid) {
                            break found.expect("a sound device");
                        }
                        assert!(matches!(grid.step(), Stepped::Progress));
                    }
                }
            };
            let found = found.filter(|record| !record.is_tombstone());
            assert_eq!(found, self.map.get(&key).copied(), "{}, key {key}", self.tree.name());
        }
        if let Some(range) = self.tree.key_range() {
            assert!(self.map.keys().all(|key| range.contains(R::key_of(*key))));
        }
    }
}

struct Store {
    grid: Grid<MemoryStorage>,
    superblock: Superblock,
    pool: NodePool,
    log: ManifestLog,
    scheduler: Scheduler,
    objects: Watched<Object>,
    index: Watched<Entry>,
}

impl Store {
    fn new() -> Self {
        let layout = LayoutOptions {
            sector_size: 256,
            block_size: 512,
            superblock_copies: 2,
            block_count: 2000,
        };
        let layout = Layout::new(layout).expect("valid options");
        let log = ManifestLogOptions {
            tree_count: 2,
            tree_id_max: 2,
            level_count: 5,
            growth_factor: 4,
            table_count_max: 800,
            compact_extra_blocks: 4,
        };
        let log = ManifestLog::new(&log, &layout).expect("valid options");
        let grid = GridOptions {
            cache: CacheOptions { ways: Ways::Two, sets: 8 },
            private_blocks: 60 + log.pace().buffers() as u32,
            reads_in_flight_max: 4,
            writes_in_flight_max: 4,
            reservation_count_max: 2,
        };
        let device = MemoryStorage::new(layout.size() as usize, layout.sector_size());
        let objects = TreeOptions {
            id: 1,
            name: "objects",
            beat_value_count_max: 6,
            beats_per_bar: BEATS_PER_BAR,
            growth_factor: 2,
            level_count: 5,
            read_ahead: 2,
        };
        let index = TreeOptions {
            id: 2,
            name: "index",
            beat_value_count_max: 4,
            growth_factor: 4,
            level_count: 3,
            read_ahead: 1,
            ..objects
        };
        let bars = Bars::new(u64::from(BEATS_PER_BAR));
        let nodes = NodePoolOptions { node_size: NODE_SIZE, node_count: 400 };
        let mut store = Self {
            grid: Grid::new(device, &layout, &grid).expect("valid options"),
            superblock: Superblock::new(&layout),
            pool: NodePool::new(nodes).expect("valid options"),
            log,
            scheduler: Scheduler::new(bars, 3, 0),
            objects: Watched::new(objects, layout.block_size(), 150),
            index: Watched::new(index, layout.block_size(), 80),
        };
        let state = CheckpointState::default();
        let formatted = store.superblock.format(store.grid.storage_mut(), 1, &state);
        formatted.expect("a sound device");
        store.open(&state);
        store
    }

    fn open(&mut self, state: &CheckpointState) {
        let Self { grid, pool, log, scheduler, objects, index, .. } = self;
        grid.open(state).expect("a sound device");
        objects.tree.open_begin();
        index.tree.open_begin();
        let opened = log.open(grid, &state.manifest, |entry| match entry.tree() {
            1 => objects.tree.open_table(pool, entry),
            _ => index.tree.open_table(pool, entry),
        });
        opened.expect("a sound device");
        objects.tree.open_complete();
        index.tree.open_complete();
        scheduler.open(state.beat);
    }

    fn open_again(&mut self) {
        let Self { grid, pool, log, objects, index, superblock, .. } = self;
        objects.tree.reset(pool, grid);
        index.tree.reset(pool, grid);
        log.reset();
        superblock.reset();
        while grid.storage_mut().abandon().is_some() {}
        grid.reset();
        superblock.open(grid.storage_mut()).expect("a sound device");
        let state = superblock.working().state();
        self.open(&state);
    }

    /// Runs a beat. Returns whether a checkpoint was taken.
    fn beat(&mut self) -> bool {
        let Self { grid, superblock, pool, log, scheduler, objects, index } = self;
        let trees: &mut [&mut dyn Scheduled<MemoryStorage>] =
            &mut [&mut objects.tree, &mut index.tree];
        let mut context = Context { grid, superblock, pool, log };
        scheduler.begin(CompactionPace::EVEN, trees, &mut context).expect("a sound device");
        loop {
            let mut progress = scheduler.advance(trees, &mut context);
            if progress == BeatProgress::Waiting
                && let Stepped::Foreign(completion) = context.grid.step()
            {
                progress = scheduler.complete(completion, trees, &mut context);
            }
            match progress {
                BeatProgress::Waiting => {}
                BeatProgress::Ended { checkpoint } => return checkpoint.is_some(),
                BeatProgress::Failed(error) => panic!("a beat fails: {error}"),
            }
        }
    }

    /// Runs beats with writes before each, and checks the trees at the end of each bar.
    fn run(&mut self, beats: u64, chance: &mut impl FnMut() -> u64) {
        for _ in 0..beats {
            for _ in 0..chance() % 7 {
                let stamp = self.scheduler.beat();
                self.objects.write(chance(), stamp);
                if chance().is_multiple_of(2) {
                    self.index.write(chance(), stamp);
                }
            }
            let is_taken = self.beat();
            let Self { grid, scheduler, objects, index, .. } = self;
            if !scheduler.bars().is_last_of_bar(scheduler.beat()) {
                continue;
            }
            objects.tree.assert_between_bars();
            index.tree.assert_between_bars();
            objects.check(grid);
            index.check(grid);
            objects.end_bar(is_taken);
            index.end_bar(is_taken);
        }
    }
}

impl<R: Numbered> Watched<R> {
    fn end_bar(&mut self, checkpoint_is_taken: bool) {
        self.bars.swap(0, 1);
        self.bars[1].clone_from(&self.map);
        if checkpoint_is_taken {
            self.held.clone_from(&self.bars[0]);
        }
    }
}

#[test]
fn two_trees_of_a_store_keep_their_own_records_over_checkpoints_and_openings() {
    let mut state = 1_u64;
    let mut chance = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut store = Store::new();
    for round in 0..12 {
        store.run(60 + 7 * round, &mut chance);
        store.open_again();
        let Store { grid, objects, index, .. } = &mut store;
        objects.map.clone_from(&objects.held);
        index.map.clone_from(&index.held);
        objects.bars = [objects.held.clone(), objects.held.clone()];
        index.bars = [index.held.clone(), index.held.clone()];
        objects.check(grid);
        index.check(grid);
    }
    let Store { objects, index, .. } = &store;
    assert_eq!(deepest(&objects.tree), Some(3), "objects reach the level before the last");
    assert_eq!(deepest(&index.tree), Some(1), "the index reaches its second level");
}

fn deepest<R: Numbered>(tree: &Tree<R>) -> Option<usize> {
    tree.manifest().levels().iter().rposition(|level| level.table_count() > 0)
}
