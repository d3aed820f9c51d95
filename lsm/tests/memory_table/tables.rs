//! Tables of the sizes that these tests need, and their contents.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::{Key, Record};
use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MemoryView, MutableTable,
};

pub(crate) const OPTIONS: MemoryTableOptions =
    MemoryTableOptions { value_count_max: 200, beats_per_bar: 4 };

pub(crate) fn mutable<R: Record>() -> MutableTable<R> {
    MutableTable::new(OPTIONS).expect("the options are valid")
}

pub(crate) fn immutable<R: Record>() -> ImmutableTable<R> {
    ImmutableTable::new(OPTIONS).expect("the options are valid")
}

pub(crate) fn everything<K: Key>() -> KeyRange<K> {
    KeyRange::new(K::MIN, K::MAX)
}

/// The newest versions of the keys in a range, in this direction.
pub(crate) fn scanned<R: Record>(
    view: &MemoryView<'_, R>,
    range: &KeyRange<R::Key>,
    direction: Direction,
) -> Vec<R> {
    let mut scan = MemoryScan::new(&OPTIONS).expect("the options are valid");
    scan.start(view, range, direction);
    std::iter::from_fn(|| scan.pop(view)).collect()
}

/// The records that a compaction reads.
pub(crate) fn compacted<R: Record>(table: &ImmutableTable<R>) -> Vec<R> {
    let mut cursor = MemoryCursor::new(&OPTIONS).expect("the options are valid");
    cursor.start(table);
    let records: Vec<R> = std::iter::from_fn(|| cursor.pop(table)).collect();
    assert_eq!(cursor.counts().out, records.len() as u64);
    assert_eq!(cursor.counts().remaining(), 0);
    records
}
