//! Calls on a table builder that panic.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::TableBuilder;

use crate::records::{Record16, Record32};
use crate::shelf::{SNAPSHOT, TREE, layout, used};

const REFERENCE: BlockReference = BlockReference { checksum: 1, address: 1 };

fn buffer() -> Buffer {
    used(&layout::<Record16>(256, 24), 1)
}

fn empty() -> TableBuilder<Record16> {
    TableBuilder::new(&layout::<Record16>(256, 24), TREE)
}

/// A builder with an index block and a value block.
fn begun() -> TableBuilder<Record16> {
    let mut builder = empty();
    builder.set_index_block(buffer(), SNAPSHOT);
    builder.set_value_block(buffer());
    builder
}

/// A builder with an index block and a value block of these keys.
fn filled(keys: &[u64]) -> TableBuilder<Record16> {
    let mut builder = begun();
    add(&mut builder, keys);
    builder
}

fn add(builder: &mut TableBuilder<Record16>, keys: &[u64]) {
    for (record, &key) in builder.room().iter_mut().zip(keys) {
        *record = Record16 { key, value: 0 };
    }
    builder.advance(keys.len());
}

fn write_value_block(builder: &mut TableBuilder<Record16>) {
    let _block = builder.finish_value_block();
    builder.value_block_written(REFERENCE);
}

fn twelve(first: u64) -> Vec<u64> {
    (first..first + 12).collect()
}

#[test]
#[should_panic(expected = "table_builder: a tree must have a number from 1")]
fn a_builder_for_no_tree_panics() {
    let _builder = TableBuilder::<Record16>::new(&layout::<Record16>(256, 24), 0);
}

#[test]
#[should_panic(expected = "table: keys must be those of the layout (16 bytes, not 8)")]
fn a_builder_for_other_keys_panics() {
    let _builder = TableBuilder::<Record32>::new(&layout::<Record16>(256, 24), TREE);
}

#[test]
#[should_panic(
    expected = "table_builder: an index block begins a table (the builder is with an index"
)]
fn a_second_index_block_panics() {
    begun().set_index_block(buffer(), SNAPSHOT);
}

#[test]
#[should_panic(expected = "table_builder: a buffer must be a block (512 bytes, not 256)")]
fn a_buffer_of_another_size_panics() {
    empty().set_index_block(Buffer::new(512), SNAPSHOT);
}

#[test]
#[should_panic(expected = "table_builder: a table must come from a commit (snapshot 0)")]
fn a_table_of_no_snapshot_panics() {
    empty().set_index_block(buffer(), 0);
}

#[test]
#[should_panic(
    expected = "table_builder: a table must come from a commit (snapshot 18446744073709551614)"
)]
fn a_table_of_the_latest_snapshot_panics() {
    empty().set_index_block(buffer(), u64::MAX - 1);
}

#[test]
#[should_panic(expected = "a value block follows the index block (the builder is without blocks)")]
fn a_value_block_without_index_block_panics() {
    empty().set_value_block(buffer());
}

#[test]
#[should_panic(expected = "table_builder: a value block follows the index block")]
fn a_second_value_block_panics() {
    begun().set_value_block(buffer());
}

#[test]
#[should_panic(expected = "table_builder: records go into a value block")]
fn records_without_value_block_panic() {
    let _room = empty().room();
}

#[test]
#[should_panic(expected = "table_builder: records must fit (13, of 12)")]
fn more_records_than_fit_panic() {
    begun().advance(13);
}

#[test]
#[should_panic(expected = "table_builder: keys must ascend (Some(7), then 7)")]
fn a_key_that_does_not_ascend_panics() {
    add(&mut filled(&[7]), &[7]);
}

#[test]
#[should_panic(expected = "table_builder: keys must ascend (Some(12), then 12)")]
fn a_key_that_does_not_ascend_from_one_value_block_to_the_next_panics() {
    let mut builder = filled(&twelve(1));
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
    add(&mut builder, &[12]);
}

#[test]
#[cfg(feature = "verify")]
#[should_panic(expected = "table_builder: the keys of records must ascend")]
fn keys_that_do_not_ascend_within_one_step_panic() {
    filled(&[1, 3, 2, 4]);
}

#[test]
#[should_panic(expected = "table_builder: a value block must have a record")]
fn finishing_an_empty_value_block_panics() {
    let _block = begun().finish_value_block();
}

#[test]
#[should_panic(expected = "table_builder: value blocks before the last must be full (1 of 12)")]
fn a_value_block_after_a_block_that_is_not_full_panics() {
    let mut builder = filled(&[1]);
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
}

#[test]
#[should_panic(expected = "table_builder: a full table must be finished")]
fn one_value_block_too_many_panics() {
    let mut builder = filled(&twelve(1));
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
    add(&mut builder, &twelve(20));
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
}

#[test]
#[should_panic(
    expected = "table_builder: a value block must be finished before its reference is taken"
)]
fn a_reference_to_an_unfinished_value_block_panics() {
    filled(&[1]).value_block_written(REFERENCE);
}

#[test]
#[should_panic(expected = "table_builder: a block must have an address from 1")]
fn a_reference_without_address_panics() {
    let mut builder = filled(&[1]);
    let _block = builder.finish_value_block();
    builder.value_block_written(BlockReference::default());
}

#[test]
#[should_panic(expected = "table_builder: a table must have a value block")]
fn finishing_an_empty_table_panics() {
    let mut builder = empty();
    builder.set_index_block(buffer(), SNAPSHOT);
    let _block = builder.finish_index_block();
}

#[test]
#[should_panic(expected = "table_builder: a table is finished after its value blocks")]
fn finishing_a_table_before_its_value_block_panics() {
    let mut builder = filled(&twelve(1));
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
    let _block = builder.finish_index_block();
}

#[test]
#[should_panic(
    expected = "table_builder: an index block must be finished before its reference is taken"
)]
fn a_reference_to_an_unfinished_table_panics() {
    let mut builder = filled(&[1]);
    write_value_block(&mut builder);
    builder.table_written(REFERENCE);
}

#[test]
#[should_panic(
    expected = "table_builder: only a value block can be finished (the builder is awaiting"
)]
fn a_value_block_that_is_finished_twice_panics() {
    let mut builder = filled(&[7]);
    let _first = builder.finish_value_block();
    let _second = builder.finish_value_block();
}

#[test]
fn a_value_block_with_a_record_is_not_taken_back() {
    let mut builder = filled(&twelve(1));
    assert!(builder.take_value_block().is_none());
    write_value_block(&mut builder);
    builder.set_value_block(buffer());
    assert!(builder.take_value_block().is_some(), "a block without records is taken back");
    assert!(builder.take_value_block().is_none(), "there is no value block");
}
