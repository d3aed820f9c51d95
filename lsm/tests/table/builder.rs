//! Tests of built tables: their descriptions and their bytes.

use downbeat_lsm::manifest::SNAPSHOT_OPEN;
use downbeat_lsm::record::Record;
use downbeat_lsm::table::TableBuilder;

use crate::records::{Numbered, Record16, Record32, Record128};
use crate::shelf::{SNAPSHOT, Shelf, TREE, build, built, layout, records, used};

#[test]
fn the_description_of_a_table_is_that_of_its_records() {
    let layout = layout::<Record16>(256, 30);
    for count in 1..=layout.value_count_max_on_disk() {
        let records = records::<Record16>(u64::from(count), 2);
        let built = built(&layout, &records, 0xaa, 5);
        let table = built.table;
        assert_eq!({ table.key_min }, records[0].key());
        assert_eq!({ table.key_max }, records[records.len() - 1].key());
        assert_eq!({ table.value_count }, count);
        assert_eq!([{ table.snapshot_min }, { table.snapshot_max }], [SNAPSHOT, SNAPSHOT_OPEN]);
        // One index block, after the value blocks that the records need.
        assert_eq!({ table.address }, u64::from(layout.value_block_count(count)) + 1);
        assert_eq!(built.verify(), Ok(()));
    }
}

fn equal_bytes<R: Numbered>(block_size: usize, value_count_max: u32) {
    let layout = layout::<R>(block_size, value_count_max);
    for count in 1..=layout.value_count_max_on_disk() {
        let records = records::<R>(u64::from(count), 0);
        let clean = built(&layout, &records, 0, 1);
        let used = built(&layout, &records, 0xff, 7);
        assert_eq!(clean.table, used.table);
        for (clean, used) in clean.shelf.blocks.iter().zip(&used.shelf.blocks) {
            assert_eq!(clean.bytes(), used.bytes(), "{count} records");
        }
    }
}

#[test]
fn equal_tables_are_equal_bytes_whatever_the_buffers_held() {
    equal_bytes::<Record16>(256, 30);
    equal_bytes::<Record32>(256, 18);
    equal_bytes::<Record128>(512, 9);
}

#[test]
fn a_reused_builder_makes_the_same_tables_as_a_new_builder() {
    let layout = layout::<Record32>(256, 18);
    let long = records::<Record32>(18, 3);
    let short = records::<Record32>(2, 0);
    let mut shelf = Shelf::default();
    let mut builder = TableBuilder::new(&layout, TREE);
    for records in [&long, &short, &long] {
        assert!(builder.needs_index_block() && builder.is_empty());
        let table = build(&mut builder, &mut shelf, records, 0xaa, 4);
        let alone = built(&layout, records, 0, 4).table;
        assert_eq!({ table.key_min }, { alone.key_min });
        assert_eq!({ table.key_max }, { alone.key_max });
        assert_eq!({ table.value_count }, { alone.value_count });
    }
}

#[test]
fn a_builder_reports_what_is_full() {
    let layout = layout::<Record16>(256, 24);
    let mut shelf = Shelf::default();
    let mut builder = TableBuilder::<Record16>::new(&layout, TREE);
    builder.set_index_block(used(&layout, 1), SNAPSHOT);
    for number in 0..2 {
        assert!(!builder.index_is_full());
        builder.set_value_block(used(&layout, 1));
        assert!(builder.value_block_is_empty() && !builder.value_block_is_full());
        for (index, record) in records::<Record16>(12, 0).into_iter().enumerate() {
            assert!(!builder.value_block_is_full());
            assert_eq!(builder.room().len(), 12 - index);
            builder.room()[0] = Record16 { key: record.key + number * 100, ..record };
            builder.advance(1);
            assert_eq!(builder.block_value_count() as usize, index + 1);
        }
        assert!(builder.value_block_is_full() && builder.room().is_empty());
        builder.advance(0);
        let reference = shelf.put(builder.finish_value_block());
        builder.value_block_written(reference);
        assert!(builder.value_block_is_empty() && !builder.is_empty());
        assert_eq!(u64::from(builder.value_block_count()), number + 1);
        assert_eq!(u64::from(builder.value_count()), 12 * (number + 1));
    }
    assert!(builder.index_is_full());
}

#[test]
fn the_largest_and_the_smallest_key_can_be_in_a_table() {
    let layout = layout::<Record16>(256, 12);
    let records = [0, 1, u64::MAX - 1, u64::MAX].map(|key| Record16 { key, value: 1 });
    let built = built(&layout, &records, 0xaa, 12);
    assert_eq!([{ built.table.key_min }, { built.table.key_max }], [0, u64::MAX]);
    assert_eq!(built.verify(), Ok(()));
}

#[test]
fn an_abandoned_table_returns_its_buffers_and_leaves_nothing() {
    let layout = layout::<Record16>(256, 24);
    let mut shelf = Shelf::default();
    let mut builder = TableBuilder::<Record16>::new(&layout, TREE);
    let given_up = |builder: &mut TableBuilder<Record16>| {
        let buffers = builder.reset().into_iter().flatten().count();
        assert!(builder.is_empty() && builder.needs_index_block() && !builder.has_value_block());
        assert_eq!((builder.value_count(), builder.value_block_count()), (0, 0));
        buffers
    };
    assert_eq!(given_up(&mut builder), 0);
    builder.set_index_block(used(&layout, 1), 1);
    assert_eq!(given_up(&mut builder), 1);
    builder.set_index_block(used(&layout, 1), 1);
    builder.set_value_block(used(&layout, 1));
    builder.room()[0] = Record16::numbered(9);
    builder.advance(1);
    assert_eq!(given_up(&mut builder), 2);
    builder.set_index_block(used(&layout, 1), 1);
    builder.set_value_block(used(&layout, 1));
    builder.room()[0] = Record16::numbered(9);
    builder.advance(1);
    let _block = builder.finish_value_block();
    assert_eq!(given_up(&mut builder), 1);
    // Keys may start again from the smallest.
    let table = build(&mut builder, &mut shelf, &records(3, 0), 0xaa, 3);
    assert_eq!([{ table.key_min }, { table.key_max }], [1, 3]);
    assert_eq!({ table.value_count }, 3);
}

#[test]
fn a_builder_prints_its_state() {
    let layout = layout::<Record16>(256, 24);
    let mut builder = TableBuilder::<Record16>::new(&layout, TREE);
    let mut shelf = Shelf::default();
    let stage = |builder: &TableBuilder<Record16>, stage: &str| {
        let shown = format!("{builder:?}");
        assert!(shown.contains(&format!("stage: \"{stage}\"")), "{shown}");
    };
    stage(&builder, "without blocks");
    builder.set_index_block(used(&layout, 1), 1);
    stage(&builder, "with an index block");
    builder.set_value_block(used(&layout, 1));
    builder.room()[0] = Record16::numbered(9);
    builder.advance(1);
    stage(&builder, "with an index and a value block");
    let block = builder.finish_value_block();
    stage(&builder, "awaiting the reference of a value block");
    builder.value_block_written(shelf.put(block));
    let block = builder.finish_index_block();
    stage(&builder, "awaiting the reference of a table");
    builder.table_written(shelf.put(block));
    stage(&builder, "without blocks");
}
