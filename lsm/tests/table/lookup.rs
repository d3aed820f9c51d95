//! Tests of lookups by key and by range, in tables of many shapes.

use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::{Key, Record};
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{IndexBlock, TableLookup, ValueBlock};

use crate::records::{Numbered, Record16, Record32, Record128};
use crate::shelf::{Built, TREE, built, layout, records};

fn get<R: Record>(built: &Built<R>, key: R::Key) -> Option<R> {
    let lookup = TableLookup::new(&built.layout, TREE, key);
    let index = built.shelf.open(built.reference()).expect("a sound block");
    let entry = lookup.index_block(&index.contents, index.body).expect("an index block")?;
    let values = built.shelf.open(entry.reference).expect("a sound block");
    lookup.value_block::<R>(&entry, &values.contents, values.body).expect("a value block").copied()
}

/// The records of a range, found through the index and its value blocks.
fn scan<R: Record>(built: &Built<R>, range: &KeyRange<R::Key>) -> Vec<R> {
    let index = built.shelf.open(built.reference()).expect("a sound block");
    let index = IndexBlock::<R::Key>::decode(&built.layout, TREE, &index.contents, index.body)
        .expect("an index block");
    let numbers = index.overlapping(range);
    let mut found = Vec::new();
    for number in numbers {
        let block = built.shelf.open(index.reference(number)).expect("a sound block");
        let block = ValueBlock::decode(&built.layout, TREE, &block.contents, block.body)
            .expect("a value block");
        let records = block.range(range);
        assert!(
            !records.is_empty() || block.key_min() < range.min,
            "block {number} is of the range"
        );
        found.extend_from_slice(records);
    }
    found
}

fn every_key_and_neighbour<R: Numbered>(block_size: usize, value_count_max: u32, gap: u64) {
    let layout = layout::<R>(block_size, value_count_max);
    for count in 1..=layout.value_count_max_on_disk() {
        let records = records::<R>(u64::from(count), gap);
        let built = built(&layout, &records, 0xaa, 100);
        for record in &records {
            assert_eq!(get(&built, record.key()).as_ref(), Some(record));
            let neighbours = [record.key().predecessor(), record.key().successor()];
            for key in neighbours.into_iter().flatten() {
                let expected = records.iter().find(|record| record.key() == key).copied();
                assert_eq!(get(&built, key), expected, "{key:?} of {count}");
            }
        }
        assert_eq!(get(&built, R::Key::MIN), None);
        assert_eq!(get(&built, R::Key::MAX), None);
    }
}

#[test]
fn every_key_is_found_and_its_absent_neighbours_are_not() {
    every_key_and_neighbour::<Record16>(256, 30, 0);
    every_key_and_neighbour::<Record16>(512, 60, 3);
    every_key_and_neighbour::<Record32>(256, 18, 2);
    every_key_and_neighbour::<Record128>(512, 9, 1);
}

fn every_range<R: Numbered>(block_size: usize, value_count_max: u32, gap: u64) {
    let layout = layout::<R>(block_size, value_count_max);
    let count = layout.value_count_max_on_disk() - 1;
    let records = records::<R>(u64::from(count), gap);
    let built = built(&layout, &records, 0xaa, 100);
    let mut ends = vec![R::Key::MIN, R::Key::MAX];
    for key in records.iter().map(Record::key) {
        ends.extend([key.predecessor(), Some(key), key.successor()].into_iter().flatten());
    }
    ends.sort_unstable();
    for (index, &min) in ends.iter().enumerate() {
        for &max in &ends[index..] {
            let range = KeyRange::new(min, max);
            let expected: Vec<R> =
                records.iter().filter(|record| range.contains(record.key())).copied().collect();
            assert_eq!(scan(&built, &range), expected, "{range:?}");
        }
    }
}

#[test]
fn every_range_contains_its_ends_and_all_keys_between() {
    every_range::<Record16>(256, 24, 0);
    every_range::<Record16>(256, 24, 4);
    every_range::<Record32>(256, 18, 1);
    every_range::<Record128>(512, 9, 2);
}

#[test]
fn tombstones_are_found() {
    let layout = layout::<Record32>(256, 6);
    let records = [Record32::numbered(1), Record32::tombstone(2 << 64)];
    let built = built(&layout, &records, 0xaa, 1);
    let found = get(&built, 2 << 64).expect("the record is in the table");
    assert!(found.is_tombstone());
    assert_eq!(found, records[1]);
}

#[test]
fn extreme_keys_are_found() {
    let layout = layout::<Record16>(256, 24);
    let keys = (0..6).chain(u64::MAX - 11..=u64::MAX);
    let records: Vec<_> = keys.map(|key| Record16 { key, value: !key }).collect();
    let built = built(&layout, &records, 0xaa, 24);
    for record in &records {
        assert_eq!(get(&built, record.key), Some(*record));
    }
    assert_eq!(get(&built, 1 << 63), None);
    assert_eq!(scan(&built, &KeyRange::new(0, u64::MAX)), records);
    assert_eq!(scan(&built, &KeyRange::new(u64::MAX, u64::MAX)), records[17..]);
}

/// Passes the index of a table of one record to `ask`.
fn ask_index<T>(ask: impl FnOnce(IndexBlock<'_, u64>) -> T) -> T {
    let built = built(&layout::<Record16>(256, 12), &records::<Record16>(1, 0), 0, 1);
    let block = built.shelf.open(built.reference()).expect("a sound block");
    let index = IndexBlock::decode(&built.layout, TREE, &block.contents, block.body);
    ask(index.expect("an index block"))
}

#[test]
fn an_index_prints_its_contents() {
    let shown = ask_index(|index| format!("{index:?}"));
    assert_eq!(
        shown,
        "IndexBlock { snapshot: 40, value_block_count: 1, key_min: 1, key_max: 1, .. }"
    );
}

#[test]
#[should_panic(expected = "index_block: a value block must be used (1 of 1)")]
fn a_value_block_that_an_index_does_not_have_panics() {
    let _entry = ask_index(|index| index.entry(1));
}

#[test]
#[should_panic(expected = "index_block: a range must have a key (2, 1)")]
fn value_blocks_of_an_invalid_range_panic() {
    let _numbers = ask_index(|index| index.overlapping(&KeyRange { min: 2, max: 1 }));
}

#[test]
#[should_panic(expected = "value_block: a range must have a key (2, 1)")]
fn records_of_an_invalid_range_panic() {
    let built = built(&layout::<Record16>(256, 12), &records::<Record16>(1, 0), 0, 1);
    let block = built.shelf.open(built.entry(0).reference).expect("a sound block");
    let block = ValueBlock::<Record16>::decode(&built.layout, TREE, &block.contents, block.body)
        .expect("a value block");
    let _records = block.range(&KeyRange { min: 2, max: 1 });
}

#[test]
#[should_panic(expected = "value_block: a body must be aligned as its records (16)")]
fn records_that_are_not_aligned_panic() {
    let built = built(&layout::<Record32>(256, 6), &records::<Record32>(1, 0), 0, 1);
    let block = built.shelf.open(built.entry(0).reference).expect("a sound block");
    let mut buffer = Buffer::new(256);
    let body = &mut buffer.bytes_mut()[8..8 + block.body.len()];
    body.copy_from_slice(block.body);
    let _values = ValueBlock::<Record32>::decode(&built.layout, TREE, &block.contents, body);
}
