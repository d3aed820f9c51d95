//! A forest of two trees. The trees differ in records, levels and growth factor. The device does
//! not fail in these tests.

use std::collections::BTreeMap;

use super::{Forest, ForestOptions, InvalidStore, StoreError, Trees};
use crate::collections::{CacheOptions, Ways};
use crate::compaction::CompactionPace;
use crate::grid::{Grid, Stepped};
use crate::record::Usage;
use crate::storage::{LayoutOptions, MemoryStorage};
use crate::test_records::{Entry, Numbered, Object};
use crate::tree::{Tree, TreeOptions};

const BEATS_PER_BAR: u32 = 4;

/// The records that a tree must contain: `map` now, and `held` after the forest is opened at the
/// last checkpoint.
struct Watched<R> {
    keys: u64,
    map: BTreeMap<u64, R>,
    /// The map at the ends of the last two bars. A checkpoint contains the records of the older
    /// one.
    bars: [BTreeMap<u64, R>; 2],
    held: BTreeMap<u64, R>,
}

impl<R: Numbered> Watched<R> {
    fn new(keys: u64) -> Self {
        let bars = [BTreeMap::new(), BTreeMap::new()];
        Self { keys, map: BTreeMap::new(), bars, held: BTreeMap::new() }
    }

    /// Puts or removes a record.
    fn write(&mut self, tree: &mut Tree<R>, chance: u64, stamp: u64) {
        if tree.room() == 0 {
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
            tree.remove(R::key_of(key));
            self.map.remove(&key);
        } else {
            let record = R::put(key, stamp);
            tree.put(&record);
            self.map.insert(key, record);
        }
    }

    fn check(&self, tree: &Tree<R>, grid: &mut Grid<MemoryStorage>) {
        for key in 0..self.keys {
            let wide = R::key_of(key);
            let found = match tree.lookup_memory(wide) {
                Some(record) => Some(*record),
                None => {
                    let mut lookup = tree.lookup(wide, 0);
                    loop {
                        if let Some(found) = lookup.advance(tree, grid) {
                            break found.expect("a sound device");
                        }
                        assert!(matches!(grid.step(), Stepped::Progress));
                    }
                }
            };
            let found = found.filter(|record| !record.is_tombstone());
            assert_eq!(found, self.map.get(&key).copied(), "{}, key {key}", tree.name());
        }
        if let Some(range) = tree.key_range() {
            assert!(self.map.keys().all(|key| range.contains(R::key_of(*key))));
        }
    }
}

type Pair = Forest<(Tree<Object>, Tree<Entry>), MemoryStorage>;

struct Watch {
    forest: Pair,
    objects: Watched<Object>,
    index: Watched<Entry>,
}

fn options() -> ForestOptions {
    ForestOptions {
        layout: LayoutOptions {
            sector_size: 256,
            block_size: 512,
            superblock_copies: 2,
            block_count: 2000,
        },
        checkpoint_interval: 3,
        cache: CacheOptions { ways: Ways::Two, sets: 8 },
        ..ForestOptions::tiny(2000)
    }
}

fn trees() -> (TreeOptions, TreeOptions) {
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
    (objects, index)
}

fn device() -> MemoryStorage {
    MemoryStorage::new(options().device_size().expect("a valid layout") as usize, 256)
}

impl Watch {
    fn new() -> Self {
        let forest = Pair::format(device(), &options(), &trees(), 1).expect("a sound device");
        Self { forest, objects: Watched::new(150), index: Watched::new(80) }
    }

    /// Runs beats with writes before each, and checks the trees at the end of each bar.
    fn run(&mut self, beats: u64, chance: &mut impl FnMut() -> u64) {
        let Self { forest, objects, index } = self;
        for _ in 0..beats {
            let stamp = forest.beat_number();
            let ((object_tree, index_tree), _) = forest.trees_and_grid();
            for _ in 0..chance() % 7 {
                objects.write(object_tree, chance(), stamp);
                if chance().is_multiple_of(2) {
                    index.write(index_tree, chance(), stamp);
                }
            }
            let is_taken = forest.beat().expect("a sound device").is_some();
            if !forest.beat_number().wrapping_add(1).is_multiple_of(u64::from(BEATS_PER_BAR)) {
                continue;
            }
            let ((object_tree, index_tree), grid) = forest.trees_and_grid();
            object_tree.assert_between_bars();
            index_tree.assert_between_bars();
            objects.check(object_tree, grid);
            index.check(index_tree, grid);
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
    let mut chance = chances();
    let mut watch = Watch::new();
    for round in 0..12 {
        watch.run(60 + 7 * round, &mut chance);
        watch.forest.open_again().expect("a sound device");
        let Watch { forest, objects, index } = &mut watch;
        objects.map.clone_from(&objects.held);
        index.map.clone_from(&index.held);
        objects.bars = [objects.held.clone(), objects.held.clone()];
        index.bars = [index.held.clone(), index.held.clone()];
        let ((object_tree, index_tree), grid) = forest.trees_and_grid();
        objects.check(object_tree, grid);
        index.check(index_tree, grid);
    }
    let mut tables = Vec::new();
    let trees: &mut dyn Trees<MemoryStorage> = watch.forest.trees_and_grid().0;
    for place in 0..trees.count() {
        trees.tree(place).for_each_table(&mut |entry| tables.push((entry.tree(), entry.level())));
    }
    assert!(tables.is_sorted() && tables.contains(&(1, 3)) && tables.contains(&(2, 1)));
    assert_eq!(tables.len(), watch.forest.manifest_log().table_count());
    let (objects, index) = watch.forest.trees();
    assert_eq!(deepest(objects), Some(3), "objects reach the level before the last");
    assert_eq!(deepest(index), Some(1), "the index reaches its second level");
}

/// Random numbers, always the same.
fn chances() -> impl FnMut() -> u64 {
    let mut state = 1_u64;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    }
}

#[test]
fn a_renewed_forest_does_what_a_new_one_does() {
    let mut renewed = Watch::new();
    renewed.run(90, &mut chances());
    renewed.forest.beat_begin_at(CompactionPace::EVEN).expect("a sound device");
    let larger = ForestOptions {
        layout: LayoutOptions { block_size: 1024, block_count: 900, ..options().layout },
        manifest_node_size: 4096,
        cache: CacheOptions { ways: Ways::Two, sets: 64 },
        ..options()
    };
    for options in [larger, options()] {
        renewed.forest.renew(&options, &trees()).expect("valid options");
        assert_eq!(renewed.forest.options(), &options);
        assert_eq!(renewed.forest.read().err(), Some(StoreError::Closed));
        renewed.forest.format_again(1).expect("a sound device");
        let Watch { objects, index, .. } = Watch::new();
        (renewed.objects, renewed.index) = (objects, index);
        let device = MemoryStorage::new(options.device_size().expect("a layout") as usize, 256);
        let mut new = Watch::new();
        new.forest = Pair::format(device, &options, &trees(), 1).expect("a sound device");
        new.run(120, &mut chances());
        renewed.run(120, &mut chances());
        let [one, other] = [&new, &renewed].map(|it| it.forest.superblock().working().state());
        assert_eq!(one, other);
        assert!(one.beat > 0);
    }
}

#[test]
fn a_forest_is_not_renewed_with_invalid_options() {
    let mut forest = Watch::new().forest;
    let invalid = ForestOptions { scans_max: 0, ..options() };
    let error = InvalidStore::Zero { option: "scans_max" };
    assert_eq!(forest.renew(&invalid, &trees()).err(), Some(error));
    assert_eq!(forest.options(), &options());
    forest.beat().expect("the forest is open as before");
}

#[test]
fn a_forest_of_other_trees_is_refused() {
    let device = Pair::format(device(), &options(), &trees(), 1).expect("a sound device");
    let device = device.into_storage();
    let (objects, index) = trees();
    let opened = Pair::open(device, &options(), &(objects, TreeOptions { id: 3, ..index }));
    assert_eq!(opened.err(), Some(StoreError::OtherOptions));
}

#[test]
fn trees_of_one_number_are_refused_with_that_number() {
    let (objects, index) = trees();
    let same = (objects, index, TreeOptions { id: 2, ..objects });
    type Three = Forest<(Tree<Object>, Tree<Entry>, Tree<Object>), MemoryStorage>;
    let error = Three::new(device(), &options(), &same).err();
    assert_eq!(error, Some(InvalidStore::SameTree { id: 2 }));
}

fn deepest<R: Numbered>(tree: &Tree<R>) -> Option<usize> {
    tree.manifest().levels().iter().rposition(|level| level.table_count() > 0)
}
