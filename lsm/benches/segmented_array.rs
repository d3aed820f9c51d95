//! Benchmarks of a sorted segmented array with elements of 8 and of 64 bytes, in nodes of 1 KiB and
//! of 16 KiB. Each line of the report is for one call, or for one element of an iteration.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::collections::{
    Direction, NodePool, NodePoolOptions, SegmentedArrayOptions, Sorted, SortedSegmentedArray,
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A key and payload: 8 * WORDS bytes in all.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
struct Record<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Sorted for Record<WORDS> {
    type Key = u64;
    fn sort_key(&self) -> u64 {
        self.0[0]
    }
}

const ELEMENTS: u32 = 1 << 14;

type Array<const WORDS: usize> = SortedSegmentedArray<Record<WORDS>>;

/// An array of even keys that were inserted out of order.
fn filled<const WORDS: usize>(node_size: usize) -> (Array<WORDS>, NodePool) {
    let options = SegmentedArrayOptions { element_count_max: ELEMENTS + 1 };
    let mut array = Array::new(options, node_size).expect("the options are valid");
    let node_count = array.as_array().node_count_max();
    let options = NodePoolOptions { node_size, node_count };
    let mut pool = NodePool::new(options).expect("the options are valid");
    for step in 0..ELEMENTS {
        array.insert(&mut pool, &record(step));
    }
    (array, pool)
}

/// An even key below twice the number of elements. The steps below the number of elements have
/// distinct keys.
fn key(step: u32) -> u64 {
    u64::from(step.wrapping_mul(0x9E37_79B1) % ELEMENTS) * 2
}

fn record<const WORDS: usize>(step: u32) -> Record<WORDS> {
    Record([key(step); WORDS])
}

fn calls<const WORDS: usize>(group: &mut BenchmarkGroup<'_, WallTime>, node_size: usize) {
    let (mut array, mut pool) = filled::<WORDS>(node_size);
    let name = |what| format!("{what}, {} bytes in nodes of {node_size}", WORDS * 8);
    let mut step = 0_u32;
    let mut next = || {
        step += 1;
        step
    };

    group.throughput(Throughput::Elements(1));
    group.bench_function(name("search"), |bencher| {
        bencher.iter(|| array.search(black_box(key(next()))));
    });
    group.bench_function(name("get"), |bencher| {
        bencher.iter(|| array.get(black_box(next() % ELEMENTS)).copied());
    });
    group.bench_function(name("insert and remove"), |bencher| {
        bencher.iter(|| {
            let record = record(next());
            let index = array.insert(&mut pool, black_box(&record));
            array.remove(&mut pool, index, 1);
        });
    });
    group.throughput(Throughput::Elements(u64::from(ELEMENTS)));
    for direction in [Direction::Ascending, Direction::Descending] {
        let (from, iterate) = match direction {
            Direction::Ascending => (array.first_cursor(), "iterate up"),
            Direction::Descending => (array.end_cursor(), "iterate down"),
        };
        group.bench_function(name(iterate), |bencher| {
            bencher.iter(|| {
                array.iter(from, direction).fold(0, |sum, element| sum ^ element.sort_key())
            });
        });
    }
}

fn segmented_array(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sorted_segmented_array");
    for node_size in [1 << 10, 1 << 14] {
        calls::<1>(&mut group, node_size);
        calls::<8>(&mut group, node_size);
    }
    group.finish();
}

criterion_group!(benches, segmented_array);
criterion_main!(benches);
