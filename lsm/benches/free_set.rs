//! Benchmarks of a free set with 256 blocks in shards of 64, as in the fuzzing suite, and with a
//! million blocks in shards of 4,096. Nine blocks in ten are acquired. Each line of the report is
//! for one call, or for one block of an iteration.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};

fn opened(options: FreeSetOptions) -> FreeSet {
    let mut free_set = FreeSet::new(options).expect("the options are valid");
    free_set.open([], [], []).expect("empty sets");
    free_set.mark_checkpoint_durable();
    free_set
}

/// A set in which the first nine tenths of the blocks are acquired, except one block in every
/// `hole` blocks, which is free again.
fn filled(options: FreeSetOptions, hole: u64) -> FreeSet {
    let mut free_set = opened(options);
    let count = options.block_count * 9 / 10;
    let mut reservation = free_set.reserve(count).expect("all are free");
    while free_set.acquire(&mut reservation).is_some() {}
    free_set.forfeit(reservation);
    (1..=count).step_by(hole as usize).for_each(|address| free_set.release(address));
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    free_set
}

fn calls(group: &mut BenchmarkGroup<'_, WallTime>, options: FreeSetOptions) {
    let block_count = options.block_count;
    let dense = filled(options, block_count);
    let sparse = filled(options, 70);
    let encode = |free_set: &FreeSet, bytes: &mut Vec<u8>| {
        bytes.resize(options.encoded_size_max(), 0);
        free_set.encode_acquired([&mut bytes[..]])
    };

    group.throughput(Throughput::Elements(1));
    let mut free_set = filled(options, block_count);
    group.bench_function("reserve and forfeit, 16 blocks", |bencher| {
        bencher.iter(|| {
            let reservation = free_set.reserve(black_box(16)).expect("as many are free");
            free_set.forfeit(reservation);
        });
    });
    let mut free_set = filled(options, block_count);
    let mut last = 1;
    group.bench_function("acquire and release, checkpoints when few are free", |bencher| {
        bencher.iter(|| {
            let mut reservation = free_set.reserve(1).expect("a block is free");
            let address = free_set.acquire(&mut reservation).expect("the block was reserved");
            free_set.forfeit(reservation);
            free_set.release(address);
            last = address;
            if free_set.free_count() < block_count / 20 {
                for _ in 0..2 {
                    free_set.mark_checkpoint_not_durable();
                    free_set.mark_checkpoint_durable();
                }
            }
        });
    });
    black_box(last);
    group.bench_function("state", |bencher| {
        let mut address = 1;
        bencher.iter(|| {
            address = (address + 7919) % block_count + 1;
            sparse.state(black_box(address))
        });
    });
    group.throughput(Throughput::Elements(block_count));
    for (name, source) in [("dense", &dense), ("sparse", &sparse)] {
        let mut bytes = Vec::new();
        group.bench_function(format!("encode, {name}"), |bencher| {
            bencher.iter(|| encode(source, &mut bytes));
        });
        let size = encode(source, &mut bytes);
        let mut free_set = FreeSet::new(options).expect("the options are valid");
        group.bench_function(format!("reset and open, {name}"), |bencher| {
            bencher.iter(|| {
                free_set.reset();
                free_set.open([&bytes[..size]], [], []).expect("a valid encoding");
            });
        });
    }
}

fn free_set(criterion: &mut Criterion) {
    for (block_count, shard_size) in [(256, 64), (1 << 20, FreeSetOptions::SHARD_SIZE)] {
        let options = FreeSetOptions { block_count, shard_size, reservation_count_max: 16 };
        let mut group = criterion.benchmark_group(format!("{block_count} blocks"));
        calls(&mut group, options);
        group.finish();
    }
}

criterion_group!(benches, free_set);
criterion_main!(benches);
