//! Benchmarks of a cache map with records of 16 and of 128 bytes. The map fits in the processor's
//! first-level cache. Each line of the report is for one call, unless its name says otherwise.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::collections::{
    CacheMap, CacheMapOptions, CacheOptions, Cached, ScopeOutcome, Ways,
};
use rustc_hash::FxBuildHasher;

/// A record of a key and `WORDS` words of payload: 8 * (1 + WORDS) bytes.
#[derive(Clone, Copy)]
struct Record<const WORDS: usize> {
    key: u64,
    payload: [u64; WORDS],
}

impl<const WORDS: usize> Record<WORDS> {
    fn new(key: u64) -> Self {
        Self { key, payload: [key; WORDS] }
    }
}

impl<const WORDS: usize> Cached for Record<WORDS> {
    type Key = u64;
    fn key(&self) -> u64 {
        self.key
    }
}

const _: () = assert!(size_of::<Record<1>>() == 16);
const _: () = assert!(size_of::<Record<15>>() == 128);

const OPTIONS: CacheMapOptions = CacheMapOptions {
    cache: Some(CacheOptions { ways: Ways::Sixteen, sets: 16 }),
    stash_capacity: BATCH as u32,
    scope_capacity: BATCH as u32,
};

/// The writes between two compactions, and in a scope.
const BATCH: u64 = 256;

/// The number of keys that are certain to stay in the cache together.
const RESIDENT: u64 = 64;

fn map<const WORDS: usize>() -> CacheMap<Record<WORDS>, FxBuildHasher> {
    let mut map = CacheMap::new(OPTIONS, FxBuildHasher).expect("the options are valid");
    for key in 0..RESIDENT {
        map.upsert(&Record::new(key));
    }
    map.compact();
    map
}

fn single_calls<const WORDS: usize>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Elements(1));
    group.bench_function("get, hit in the cache", |bencher| {
        let mut map = map::<WORDS>();
        let mut key = 0;
        bencher.iter(|| {
            key = (key + 1) % RESIDENT;
            map.get(black_box(key)).map(|record| record.payload[0])
        });
    });
    group.bench_function("lookup, miss", |bencher| {
        let mut map = map::<WORDS>();
        let mut key = RESIDENT;
        bencher.iter(|| {
            key += 1;
            black_box(map.lookup(black_box(key)));
        });
    });
    group.bench_function("upsert, update in the cache", |bencher| {
        let mut map = map::<WORDS>();
        let mut key = 0;
        bencher.iter(|| {
            key = (key + 1) % RESIDENT;
            map.upsert(black_box(&Record::new(key)));
        });
    });
    group.bench_function("compact, empty stash", |bencher| {
        let mut map = map::<WORDS>();
        bencher.iter(|| map.compact());
    });
}

fn batches<const WORDS: usize>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Elements(BATCH));
    group.bench_function("256 upserts that evict, and a compact", |bencher| {
        let mut map = map::<WORDS>();
        let mut key = 0;
        bencher.iter(|| {
            for _ in 0..BATCH {
                key += 1;
                map.upsert(black_box(&Record::new(key)));
            }
            map.compact();
        });
    });
    group.bench_function("256 updates in a scope, discarded", |bencher| {
        let mut map = map::<WORDS>();
        bencher.iter(|| {
            map.scope_open();
            for key in 0..BATCH {
                map.upsert(black_box(&Record::new(key % RESIDENT)));
            }
            map.scope_close(ScopeOutcome::Discard);
        });
    });
    group.bench_function("256 inserts in a scope, discarded, and a compact", |bencher| {
        let mut map = map::<WORDS>();
        let mut key = RESIDENT;
        bencher.iter(|| {
            map.scope_open();
            for _ in 0..BATCH {
                key += 1;
                map.upsert(black_box(&Record::new(key)));
            }
            map.scope_close(ScopeOutcome::Discard);
            map.compact();
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("reset", |bencher| {
        let mut map = map::<WORDS>();
        bencher.iter(|| {
            map.upsert(black_box(&Record::new(1)));
            map.reset();
        });
    });
}

fn cache_map(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("16 bytes");
    single_calls::<1>(&mut group);
    batches::<1>(&mut group);
    group.finish();

    let mut group = criterion.benchmark_group("128 bytes");
    single_calls::<15>(&mut group);
    batches::<15>(&mut group);
    group.finish();
}

criterion_group!(benches, cache_map);
criterion_main!(benches);
