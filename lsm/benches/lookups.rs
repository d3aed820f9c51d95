//! Benchmarks of lookups by hand: 1, 64 or 1,024 at once, each polled after every operation of the
//! device. The cache is empty, so each lookup reads blocks.
//!
//! The element of the reported throughput is one lookup.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{LookupProgress, Store, StoreOptions};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const KEYS: u64 = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Entry([u64; 2]);

impl Record for Entry {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.0[0]
    }

    fn is_tombstone(&self) -> bool {
        self.0[1] == 0
    }

    fn tombstone(key: u64) -> Self {
        Self([key, 0])
    }
}

fn filled() -> Store<Entry, MemoryStorage> {
    let mut options = StoreOptions::production_of::<Entry>(4096, 16_384);
    options.cache.sets = 256;
    options.lookups_max = 1024;
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    let mut store = Store::format(device, &options, 1).expect("a sound device");
    for key in 0..KEYS {
        store.put(&Entry([key, 1])).expect("a sound device");
    }
    store.checkpoint().expect("a sound device");
    store
}

/// Gets `count` records, all at once. Polls each lookup after each operation of the device.
fn get_at_once(store: &mut Store<Entry, MemoryStorage>, count: u64, seed: u64) {
    let mut by_hand = store.by_hand();
    let mut pending = Vec::with_capacity(count as usize);
    for number in 0..count {
        let key = (seed + number).wrapping_mul(0x9e37_79b9_7f4a_7c15) % KEYS;
        pending.push(by_hand.lookup_begin(key).expect("a slot is free"));
    }
    while !pending.is_empty() {
        let mut left = Vec::with_capacity(pending.len());
        for ticket in pending {
            match by_hand.lookup_take(ticket) {
                LookupProgress::Ended(found) => {
                    black_box(found.expect("a sound device").expect("the key has a record"));
                }
                LookupProgress::Pending(ticket) => left.push(ticket),
            }
        }
        pending = left;
        by_hand.step();
    }
}

fn lookups(criterion: &mut Criterion) {
    let mut store = filled();
    let mut group = criterion.benchmark_group("lookups");
    for count in [1, 64, 1024] {
        group.throughput(Throughput::Elements(count));
        let mut seed = 0;
        group.bench_function(format!("{count} at once"), |bencher| {
            bencher.iter(|| {
                store.by_hand().grid_mut().drop_cache();
                seed += count;
                get_at_once(&mut store, count, seed);
            });
        });
    }
}

criterion_group!(benches, lookups);
criterion_main!(benches);
