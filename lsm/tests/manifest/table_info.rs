//! Tests of [`TableInfo`] and [`KeyRange`].

use downbeat_lsm::manifest::{KeyRange, SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo};

use crate::table::{range, table, table_at};

#[test]
fn a_table_is_visible_from_its_first_to_its_last_snapshot() {
    let table = table_at(0, 9, (5, 8));
    assert_eq!([4, 5, 8, 9].map(|snapshot| table.is_visible(snapshot)), [false, true, true, false]);
    assert!(!table.is_visible(SNAPSHOT_LATEST));
}

#[test]
fn an_open_table_is_visible_to_the_latest_snapshot() {
    let table = table_at(0, 9, (5, SNAPSHOT_OPEN));
    assert!(table.is_visible(SNAPSHOT_LATEST));
    assert!(!table.is_invisible(&[]));
    assert!(!table.is_invisible(&[1, 2]));
}

#[test]
fn a_closed_table_is_invisible_unless_one_of_the_snapshots_sees_it() {
    let table = table_at(0, 9, (5, 8));
    assert!(table.is_invisible(&[]));
    assert!(table.is_invisible(&[4, 9]));
    assert!(!table.is_invisible(&[4, 8]));
}

#[test]
fn a_table_overlaps_ranges_that_share_a_key() {
    let table = table(10, 20);
    let overlaps = |min, max| table.overlaps(&range(min, max));
    assert!(overlaps(0, 10) && overlaps(20, 30) && overlaps(12, 13) && overlaps(0, 30));
    assert!(!overlaps(0, 9) && !overlaps(21, 30));
    assert_eq!(table.key_range(), range(10, 20));
}

#[test]
fn tables_are_equal_if_all_fields_are() {
    let a = table(1, 2);
    assert_eq!(a, a);
    for b in [
        TableInfo { key_min: 0, ..a },
        TableInfo { key_max: 3, ..a },
        TableInfo { checksum: 0, ..a },
        TableInfo { address: 0, ..a },
        TableInfo { snapshot_min: 0, ..a },
        TableInfo { snapshot_max: 9, ..a },
        TableInfo { value_count: 0, ..a },
    ] {
        assert_ne!(a, b);
    }
}

#[test]
fn tables_of_any_plain_key_have_no_padding() {
    assert_eq!(size_of::<TableInfo<u64>>(), 2 * 8 + 44);
    assert_eq!(size_of::<TableInfo<u128>>(), 2 * 16 + 44);
    assert_eq!(size_of::<TableInfo<[u8; 5]>>(), 2 * 5 + 44);
}

#[test]
fn a_range_includes_its_ends_and_a_union_contains_both() {
    let range = KeyRange::new(3, 7);
    assert_eq!([2, 3, 7, 8].map(|key| range.contains(key)), [false, true, true, false]);
    assert_eq!(range.union(&KeyRange::new(5, 9)), KeyRange::new(3, 9));
    assert_eq!(range.union(&KeyRange::new(0, 1)), KeyRange::new(0, 7));
    assert_eq!(range.union(&KeyRange::new(4, 5)), range);
    assert!(KeyRange::new(4, 4).overlaps(&range));
}

#[test]
#[should_panic(expected = "key_range: min must not be above max (8, 7)")]
fn a_range_with_min_above_max_panics() {
    let _range = KeyRange::new(8, 7);
}
