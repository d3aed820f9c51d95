//! Benchmarks of the memtables with records of 16, 32 and 128 bytes, and bars of 8 beats of 256 or
//! 8,192 puts. Each line of the report is for one call, or for one value of a beat, bar or
//! iteration.

// The lint concerns whole crates only.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::{Key, Key256, Record, Usage};
use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MutableTable,
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const BEATS: u32 = 8;

/// A record whose key is a number; the rest is payload.
macro_rules! record {
    ($name:ident, $key:ty, $words:literal, $from_number:expr) => {
        #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        struct $name {
            /// The key.
            key: $key,
            /// The payload.
            payload: [u64; $words],
        }

        impl Record for $name {
            type Key = $key;
            const USAGE: Usage = Usage::General;
            fn key(&self) -> $key {
                self.key
            }
            fn is_tombstone(&self) -> bool {
                self.payload[0] == u64::MAX
            }
            fn tombstone(key: $key) -> Self {
                Self { key, payload: [u64::MAX; $words] }
            }
        }

        impl Numbered for $name {
            fn numbered(number: u64) -> Self {
                Self { key: $from_number(number), payload: [number; $words] }
            }
        }
    };
}

trait Numbered: Record {
    fn numbered(number: u64) -> Self;
}

record!(Small, u64, 1, |number| number);
record!(Middle, u128, 2, u128::from);
record!(Large, Key256, 12, |number| Key256 { high: u128::from(number), low: 7 });

/// A bijection that scatters numbers: an XOR with a shifted number and a product with an odd number
/// can both be inverted.
fn scattered(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn table<R: Record>(puts_per_beat: u32) -> MutableTable<R> {
    let options =
        MemoryTableOptions { value_count_max: puts_per_beat * BEATS, beats_per_bar: BEATS };
    MutableTable::new(options).expect("the options are valid")
}

/// A table after `beats` whole beats, and `tail` puts of the next beat.
fn filled<R: Numbered>(puts_per_beat: u32, beats: u32, tail: u32) -> MutableTable<R> {
    let mut table = table(puts_per_beat);
    let mut number = 0;
    for _ in 0..beats {
        for _ in 0..puts_per_beat {
            table.put(&R::numbered(scattered(number)));
            number += 1;
        }
        table.end_beat();
    }
    for _ in 0..tail {
        table.put(&R::numbered(scattered(number)));
        number += 1;
    }
    table
}

fn writes<R: Numbered>(group: &mut BenchmarkGroup<'_, WallTime>, puts: u32) {
    let whole_beat = |key: fn(u64) -> u64| {
        move |mut table: MutableTable<R>| {
            for number in 0..u64::from(puts) {
                table.put(&R::numbered(key(number)));
            }
            table
        }
    };
    group.throughput(Throughput::Elements(u64::from(puts)));
    for (name, key) in
        [("ascending", (|number| number) as fn(u64) -> u64), ("scattered", scattered)]
    {
        group.bench_function(format!("put, {name}"), |bencher| {
            bencher.iter_batched(|| table(puts), whole_beat(key), BatchSize::LargeInput);
        });
    }
    group.bench_function("end of a beat", |bencher| {
        bencher.iter_batched(
            || filled::<R>(puts, 0, puts),
            |mut table| {
                table.end_beat();
                table
            },
            BatchSize::LargeInput,
        );
    });
}

fn reads<R: Numbered>(group: &mut BenchmarkGroup<'_, WallTime>, puts: u32) {
    group.throughput(Throughput::Elements(1));
    for (name, beats, tail) in
        [("4 runs", 4, 0), ("4 runs and a tail", 4, puts - 1), ("8 runs", 8, 0)]
    {
        let table = filled::<R>(puts, beats, tail);
        let count = u64::from(table.len());
        let mut number = 0;
        group.bench_function(format!("get, {name}"), |bencher| {
            bencher.iter(|| {
                number = (number + 7919) % count;
                table.get(R::numbered(scattered(black_box(number))).key()).is_some()
            });
        });
        let mut scan = MemoryScan::new(table.options()).expect("the options are valid");
        let all = KeyRange::new(R::Key::MIN, R::Key::MAX);
        group.throughput(Throughput::Elements(count));
        for direction in [Direction::Ascending, Direction::Descending] {
            group.bench_function(format!("scan, {name}, {direction:?}"), |bencher| {
                bencher.iter(|| {
                    let view = table.view();
                    scan.start(&view, &all, direction);
                    while let Some(record) = scan.pop(&view) {
                        black_box(record);
                    }
                });
            });
        }
        group.throughput(Throughput::Elements(1));
    }
    let mut mutable = filled::<R>(puts, BEATS, 0);
    let mut immutable = ImmutableTable::new(*mutable.options()).expect("the options are valid");
    let mut cursor = MemoryCursor::new(mutable.options()).expect("the options are valid");
    immutable.swap(&mut mutable, 1);
    group.throughput(Throughput::Elements(u64::from(immutable.len())));
    group.bench_function("all for compaction, 8 runs", |bencher| {
        bencher.iter(|| {
            cursor.start(&immutable);
            while let Some(record) = cursor.pop(&immutable) {
                black_box(record);
            }
        });
    });
}

fn memory_table(criterion: &mut Criterion) {
    for puts in [256, 8192] {
        let mut group = criterion.benchmark_group(format!("{puts} puts a beat, 16 bytes"));
        writes::<Small>(&mut group, puts);
        reads::<Small>(&mut group, puts);
        group.finish();
        let mut group = criterion.benchmark_group(format!("{puts} puts a beat, 32 bytes"));
        writes::<Middle>(&mut group, puts);
        group.finish();
        let mut group = criterion.benchmark_group(format!("{puts} puts a beat, 128 bytes"));
        writes::<Large>(&mut group, puts);
        group.finish();
    }
}

criterion_group!(benches, memory_table);
criterion_main!(benches);
