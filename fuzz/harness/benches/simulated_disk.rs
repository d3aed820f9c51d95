//! The cost of the simulated disk: a run of 200 block writes and 400 block reads, the reset after
//! it, a crash, and a copy on which a crash is tried. The disk has 64 MiB. Its blocks are as small
//! as in fuzzing, or as large as in production.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use downbeat::disk::SimulatedDisk;
use downbeat_lsm::storage::{
    Buffer, Layout, LayoutOptions, Operation, Owner, SharedBuffer, Storage,
};

const BLOCKS: u64 = 200;
const OWNER: Owner = Owner { component: 0, slot: 0 };

fn layout(block_size: usize) -> Layout {
    let options = LayoutOptions {
        sector_size: block_size / 4,
        block_size,
        superblock_copies: 4,
        block_count: (64 << 20) / block_size as u64,
    };
    Layout::new(options).expect("the layout is valid")
}

fn address(layout: &Layout, index: u64) -> u64 {
    1 + index * 81 % layout.block_count()
}

fn write_blocks(disk: &mut SimulatedDisk, layout: &Layout, buffer: &SharedBuffer) {
    for index in 0..BLOCKS {
        let span = layout.block(address(layout, index));
        disk.submit(Operation::Write { span, buffer: buffer.clone() }, OWNER);
        let _ = black_box(disk.step().expect("an operation is in flight"));
    }
}

fn read_blocks(disk: &mut SimulatedDisk, layout: &Layout, mut buffer: Buffer) -> Buffer {
    for index in 0..2 * BLOCKS {
        let span = layout.block(address(layout, index % BLOCKS));
        disk.submit(Operation::Read { span, buffer }, OWNER);
        let completion = disk.step().expect("an operation is in flight");
        let Operation::Read { buffer: back, .. } = completion.operation else {
            unreachable!("it was a read")
        };
        buffer = back;
    }
    buffer
}

/// Measures only `measured`, each time on a disk that was reset and to which the blocks were
/// written.
fn after_writes(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    layout: Layout,
    mut measured: impl FnMut(&mut SimulatedDisk),
) {
    group.bench_function(name, |bencher| {
        let mut disk = SimulatedDisk::new(layout);
        let buffer = Buffer::new(layout.block_size()).share();
        bencher.iter_custom(|iterations| {
            let mut time = Duration::ZERO;
            for _ in 0..iterations {
                disk.reset(layout);
                write_blocks(&mut disk, &layout, &buffer);
                let start = Instant::now();
                measured(&mut disk);
                time += start.elapsed();
            }
            time
        });
    });
}

fn disks(criterion: &mut Criterion) {
    for block_size in [256, 4096] {
        let layout = layout(block_size);
        let mut group = criterion.benchmark_group(format!("64 MiB, blocks of {block_size}"));
        group.bench_function("200 writes, flush, 400 reads, reset", |bencher| {
            let mut disk = SimulatedDisk::new(layout);
            let shared = Buffer::new(block_size).share();
            let mut buffer = Some(Buffer::new(block_size));
            bencher.iter(|| {
                write_blocks(&mut disk, &layout, &shared);
                disk.submit(Operation::Flush, OWNER);
                let _ = black_box(disk.step().expect("an operation is in flight"));
                buffer = buffer.take().map(|buffer| read_blocks(&mut disk, &layout, buffer));
                disk.reset(layout);
            });
        });
        after_writes(&mut group, "reset after 200 writes", layout, |disk| disk.reset(layout));
        let mut schedule = 0;
        after_writes(&mut group, "crash after 200 writes", layout, |disk| {
            schedule += 1;
            disk.set_schedule(schedule);
            disk.crash();
        });
        let mut trial = SimulatedDisk::new(layout);
        after_writes(&mut group, "copy after 200 writes", layout, |disk| {
            trial.copy_at_power_loss(disk);
        });
        group.finish();
    }
}

criterion_group!(benches, disks);
criterion_main!(benches);
