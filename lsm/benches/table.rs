//! Benchmarks of building a table and of finding a key in its blocks. The blocks have 256 bytes (as
//! in the fuzzing suite), 4 KiB or 64 KiB. Records have 32 bytes, keys 16.
//!
//! The element of the reported throughput is one record of the built table, or one search of a
//! block. The reported time of `build` is for the whole table.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use downbeat_lsm::block::{BlockReference, Contents};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{IndexBlock, TableBuilder, TableLayout, TableOptions, ValueBlock};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const TREE: u16 = 1;

/// The distance between two neighbouring keys.
const WIDTH: u128 = 4;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Entry([u128; 2]);

impl Record for Entry {
    type Key = u128;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u128 {
        self.0[0]
    }

    fn is_tombstone(&self) -> bool {
        self.0[1] == 0
    }

    fn tombstone(key: u128) -> Self {
        Self([key, 0])
    }
}

/// Builds a full table. Passes each of its blocks to `written`, which adds a buffer to `buffers`.
fn build(
    builder: &mut TableBuilder<Entry>,
    buffers: &mut Vec<Buffer>,
    mut written: impl FnMut(&mut Vec<Buffer>, (Contents, Buffer)),
) {
    let mut address = 0;
    let mut name = || {
        address += 1;
        BlockReference { checksum: u128::from(address), address }
    };
    let mut number = 0;
    builder.set_index_block(buffers.pop().expect("a buffer is free"), 1);
    while !builder.index_is_full() {
        builder.set_value_block(buffers.pop().expect("a buffer is free"));
        let room = builder.room();
        let count = room.len();
        for record in room {
            *record = Entry([number * WIDTH, 1]);
            number += 1;
        }
        builder.advance(count);
        written(buffers, builder.finish_value_block());
        builder.value_block_written(name());
    }
    written(buffers, builder.finish_index_block());
    builder.table_written(name());
}

fn calls(group: &mut BenchmarkGroup<'_, WallTime>, layout: &TableLayout) {
    let buffers = || -> Vec<_> { (0..2).map(|_| Buffer::new(layout.block_size())).collect() };
    let mut builder = TableBuilder::new(layout, TREE);
    let mut pool = buffers();
    group.throughput(Throughput::Elements(u64::from(layout.value_count_max_on_disk())));
    group.bench_function("build", |bencher| {
        bencher.iter(|| {
            build(&mut builder, &mut pool, |pool, (contents, buffer)| {
                black_box(contents);
                pool.push(buffer);
            });
        });
    });

    let mut blocks = Vec::new();
    build(&mut builder, &mut buffers(), |pool, (contents, buffer)| {
        blocks.push((contents, buffer));
        pool.push(Buffer::new(layout.block_size()));
    });
    fn body((contents, buffer): &(Contents, Buffer)) -> (&Contents, &[u8]) {
        (contents, &buffer.bytes()[64..][..contents.body_size])
    }
    let mut key = 0;
    let mut next = |count: u32| {
        key = (key + 7919 * WIDTH) % (u128::from(count) * WIDTH);
        key
    };
    let (contents, bytes) = body(blocks.last().expect("a table has an index"));
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode an index block and find a key", |bencher| {
        bencher.iter(|| {
            let key = black_box(next(layout.value_count_max_on_disk()));
            let index = IndexBlock::<u128>::decode(layout, TREE, contents, bytes);
            index.expect("the block is an index block").find(key)
        });
    });
    let (contents, bytes) = body(&blocks[0]);
    let count = layout.block_value_count_max();
    group.bench_function("decode a value block and find a key", |bencher| {
        bencher.iter(|| {
            let key = black_box(next(count));
            let values = ValueBlock::<Entry>::decode(layout, TREE, contents, bytes);
            values.expect("the block is a value block").find(key)
        });
    });
    let values = ValueBlock::<Entry>::decode(layout, TREE, contents, bytes)
        .expect("the block is a value block");
    group.bench_function("range of a value block", |bencher| {
        bencher.iter(|| {
            let key = black_box(next(count));
            values.range(&KeyRange::new(key, key + 8 * WIDTH)).len()
        });
    });
}

fn table(criterion: &mut Criterion) {
    for (block_size, value_count_max) in [(256, 18), (1 << 12, 8064), (1 << 16, 1 << 18)] {
        let options = TableOptions::of::<Entry>(block_size, value_count_max);
        let layout = TableLayout::new(options).expect("the sizes are valid");
        let mut group = criterion.benchmark_group(format!("blocks of {block_size} bytes"));
        calls(&mut group, &layout);
        group.finish();
    }
}

criterion_group!(benches, table);
criterion_main!(benches);
