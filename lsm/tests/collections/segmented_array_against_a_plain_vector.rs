//! Segmented arrays against plain vectors, over random runs on many shapes of nodes.

use downbeat_lsm::collections::segmented_array::Statistics;
use downbeat_lsm::collections::{NodePool, SegmentedArray, Sorted, SortedSegmentedArray};

use crate::number::{Number, array, assert_same, sorted};
use crate::random::Random;

/// The changes of nodes in a run, to check that the run did every possible change.
#[derive(Default)]
struct Seen {
    appends: u64,
    splits: u64,
    merges: u64,
    rebalances: u64,
    nodes_emptied: u64,
}

impl Seen {
    fn add(&mut self, statistics: &Statistics) {
        self.appends += statistics.appends;
        self.splits += statistics.splits;
        self.merges += statistics.merges;
        self.rebalances += statistics.rebalances;
        self.nodes_emptied += statistics.nodes_emptied;
    }

    fn assert_all(&self) {
        let Self { appends, splits, merges, rebalances, nodes_emptied } = *self;
        assert!(
            [appends, splits, merges, rebalances, nodes_emptied].into_iter().all(|count| count > 0),
            "a run must change nodes in every way: {appends} {splits} {merges} {rebalances} {nodes_emptied}",
        );
    }
}

/// Whether this step inserts: mostly in the first half of a run, rarely in the second.
fn inserts(random: &mut Random, step: u32) -> bool {
    random.below(10) < if step < 100 { 6 } else { 3 }
}

fn run_plain<const WORDS: usize>(node_size: usize, count_max: u32, seen: &mut Seen) {
    let (mut array, mut pool): (SegmentedArray<Number<WORDS>>, NodePool) =
        array(node_size, count_max);
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut model: Vec<Number<WORDS>> = Vec::new();
        for step in 0..200 {
            let len = model.len() as u32;
            let batch_max = array.node_capacity() * 3;
            if inserts(&mut random, step) {
                let count = random.below_u32(batch_max.min(count_max - len) + 1);
                // The rules are different at the ends of the array.
                let index = [0, len, random.below_u32(len + 1)][random.below(3) as usize];
                let elements: Vec<_> = (0..count).map(|n| Number::new(step, n)).collect();
                array.insert(&mut pool, index, &elements);
                model.splice(index as usize..index as usize, elements);
            } else {
                let index = random.below_u32(len + 1);
                let count = random.below_u32(batch_max.min(len - index) + 1);
                array.remove(&mut pool, index, count);
                model.drain(index as usize..(index + count) as usize);
            }
            assert_same(&array, &model);
            assert_eq!(pool.acquired_count(), array.node_count());
        }
        array.clear(&mut pool);
        assert_same(&array, &[]);
        pool.assert_all_free();
    }
    seen.add(array.statistics());
}

fn run_sorted<const WORDS: usize>(node_size: usize, count_max: u32, keys: u32, seen: &mut Seen) {
    let (mut array, mut pool): (SortedSegmentedArray<Number<WORDS>>, NodePool) =
        sorted(node_size, count_max);
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut model: Vec<Number<WORDS>> = Vec::new();
        for step in 0..400 {
            let len = model.len() as u32;
            if inserts(&mut random, step / 2) && len < count_max {
                let element = Number::new(random.below_u32(keys) * 7, step);
                let index = lower_bound(&model, element.sort_key());
                assert_eq!(array.insert(&mut pool, &element), index as u32);
                model.insert(index, element);
            } else if len > 0 {
                let index = random.below_u32(len);
                let count = 1 + random.below_u32(3.min(len - index));
                array.remove(&mut pool, index, count);
                model.drain(index as usize..(index + count) as usize);
            }
            array.verify();
            for key in [0, random.below_u32(keys * 7 + 1), u32::MAX] {
                let (found, above) = (array.search(key), array.search_above(key));
                assert_eq!(array.index(found) as usize, lower_bound(&model, key));
                let model_above = model.partition_point(|element| element.sort_key() <= key);
                assert_eq!(array.index(above) as usize, model_above);
            }
            assert_same(array.as_array(), &model);
        }
        array.clear(&mut pool);
        pool.assert_all_free();
    }
    seen.add(array.as_array().statistics());
}

fn lower_bound<const WORDS: usize>(model: &[Number<WORDS>], key: u32) -> usize {
    model.partition_point(|element| element.sort_key() < key)
}

#[test]
fn a_segmented_array_equals_a_vector_for_all_node_sizes() {
    let mut seen = Seen::default();
    // Elements of 4 to 48 bytes, in nodes for two, for four and for many elements. Elements do not
    // fill all bytes of some nodes.
    run_plain::<2>(16, 40, &mut seen);
    run_plain::<12>(96, 40, &mut seen);
    run_plain::<12>(112, 33, &mut seen);
    run_plain::<1>(16, 50, &mut seen);
    run_plain::<3>(64, 50, &mut seen);
    run_plain::<5>(96, 3, &mut seen);
    run_plain::<2>(48, 1, &mut seen);
    run_plain::<1>(256, 300, &mut seen);
    seen.assert_all();
}

#[test]
fn a_sorted_segmented_array_equals_a_vector_for_all_node_sizes() {
    let mut seen = Seen::default();
    for keys in [3, 40, 1 << 20] {
        run_sorted::<2>(16, 40, keys, &mut seen);
        run_sorted::<12>(112, 33, keys, &mut seen);
        run_sorted::<3>(64, 50, keys, &mut seen);
        run_sorted::<1>(64, 90, keys, &mut seen);
    }
    seen.assert_all();
}
