//! Tests of the text that the collections print, and of the sizes that they report.

use downbeat_lsm::collections::{Direction, SegmentedArray, SegmentedArrayOptions};

use crate::number::pool;

#[test]
fn reversing_a_direction_gives_the_other_direction() {
    assert_eq!(Direction::Ascending.reverse(), Direction::Descending);
    assert_eq!(Direction::Descending.reverse(), Direction::Ascending);
}

#[test]
fn a_pool_and_its_nodes_are_printed_without_their_memory() {
    let mut pool = pool(32, 5);
    let node = pool.acquire();
    assert_eq!(format!("{node:?}"), "Node { number: 0, size: 32 }");
    let shown = format!("{pool:?}");
    assert!(shown.contains("node_size: 32") && shown.contains("node_count: 5"), "{shown}");
    assert!(!shown.contains("memory"), "{shown}");
    pool.release(node);
}

#[test]
fn an_array_prints_the_size_of_its_nodes() {
    let options = SegmentedArrayOptions { element_count_max: 64 };
    let array = SegmentedArray::<u64>::new(options, 128).expect("nodes of sixteen");
    assert_eq!(array.node_size(), 128);
}
