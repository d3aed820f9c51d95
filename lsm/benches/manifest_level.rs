//! Benchmarks of a manifest level with 64 tables in nodes of 1 KiB, as in the fuzzing suite, and
//! with 16,384 tables in nodes of 16 KiB. Each line of the report is for one call, or for one table
//! of an iteration.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::collections::{Direction, NodePool, NodePoolOptions};
use downbeat_lsm::manifest::{
    KeyRange, ManifestLevel, ManifestLevelOptions, SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo,
    Visibility,
};

/// The distance between the first keys of two neighbouring tables.
const WIDTH: u64 = 16;

/// A table of eight keys; `shift` moves it within its range of `WIDTH` keys.
fn table(number: u64, shift: u64) -> TableInfo<u64> {
    TableInfo {
        key_min: number * WIDTH + shift,
        key_max: number * WIDTH + shift + 7,
        checksum: u128::from(number),
        address: number + 1,
        snapshot_min: 1,
        snapshot_max: SNAPSHOT_OPEN,
        value_count: 8,
    }
}

fn filled(table_count: u32, node_size: usize, shift: u64) -> (ManifestLevel<u64>, NodePool) {
    let options = ManifestLevelOptions { table_count_max: table_count + 1 };
    let mut level = ManifestLevel::new(options, node_size).expect("the options are valid");
    let node_count = level.keys().node_count_max() + level.table_array().node_count_max();
    let options = NodePoolOptions { node_size, node_count };
    let mut pool = NodePool::new(options).expect("the options are valid");
    for number in 0..table_count {
        // The factor is odd and the count a power of two, so the numbers are distinct.
        let number = number.wrapping_mul(0x9E37_79B1) % table_count;
        level.insert_table(&mut pool, &table(u64::from(number), shift));
    }
    (level, pool)
}

fn calls(group: &mut BenchmarkGroup<'_, WallTime>, table_count: u32, node_size: usize) {
    let (mut level, mut pool) = filled(table_count, node_size, 0);
    // Each table of one level overlaps one table of the other.
    let (level_b, _pool_b) = filled(table_count, node_size, 4);
    let mut number = 0;
    let mut next = || {
        number = (number + 7919) % u64::from(table_count);
        number
    };
    let range = |number| KeyRange::new(number * WIDTH, number * WIDTH + 4 * WIDTH);

    group.throughput(Throughput::Elements(1));
    group.bench_function("remove_table and insert_table", |bencher| {
        bencher.iter(|| {
            let table = table(next(), 0);
            level.remove_table(&mut pool, black_box(&table));
            level.insert_table(&mut pool, black_box(&table));
        });
    });
    group.bench_function("find", |bencher| {
        bencher.iter(|| level.find(black_box(&table(next(), 0))));
    });
    for direction in [Direction::Ascending, Direction::Descending] {
        group.bench_function(format!("next_table {direction:?}"), |bencher| {
            bencher.iter(|| {
                let range = black_box(range(next()));
                let found = level.next_table(SNAPSHOT_LATEST, range, None, direction);
                found.map(|found| found.reference)
            });
        });
    }
    group.bench_function("tables_overlapping, 5 tables", |bencher| {
        bencher.iter(|| level.tables_overlapping(black_box(range(next())), SNAPSHOT_LATEST, 8));
    });
    group.throughput(Throughput::Elements(u64::from(table_count)));
    group.bench_function("tables", |bencher| {
        let visible = Visibility::Visible(SNAPSHOT_LATEST);
        bencher.iter(|| level.tables(visible, Direction::Ascending, None).count());
    });
    group.bench_function("table_with_least_overlap", |bencher| {
        bencher.iter(|| level.table_with_least_overlap(&level_b, SNAPSHOT_LATEST, 8));
    });
}

fn manifest_level(criterion: &mut Criterion) {
    for (table_count, node_size) in [(64, 1 << 10), (1 << 14, 1 << 14)] {
        let mut group = criterion.benchmark_group(format!("{table_count} tables"));
        calls(&mut group, table_count, node_size);
        group.finish();
    }
}

criterion_group!(benches, manifest_level);
criterion_main!(benches);
