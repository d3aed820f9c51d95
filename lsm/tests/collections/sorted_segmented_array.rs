//! Tests of a sorted segmented array, above all with equal keys.

use downbeat_lsm::collections::{Direction, NodePool, SortedSegmentedArray};

use crate::number::{Number, elements, shape, sorted};

/// Nodes of four elements.
const NODE_SIZE: usize = 32;

fn filled(keys: &[u32]) -> (SortedSegmentedArray<Number<2>>, NodePool) {
    let (mut array, mut pool) = sorted(NODE_SIZE, 32);
    for (stamp, &key) in keys.iter().enumerate() {
        array.insert(&mut pool, &Number::new(key, stamp as u32));
    }
    array.verify();
    (array, pool)
}

#[test]
fn elements_are_in_the_order_of_keys() {
    let (array, _pool) = filled(&[5, 1, 3, 2, 4, 0]);
    let sorted = [(0, 5), (1, 1), (2, 3), (3, 2), (4, 4), (5, 0)];
    assert_eq!(elements(array.as_array()), sorted.map(|(key, stamp)| Number::new(key, stamp)));
}

#[test]
fn an_element_is_inserted_before_equal_keys_and_its_index_is_returned() {
    let (mut array, mut pool) = filled(&[1, 1, 1, 3]);
    assert_eq!(array.insert(&mut pool, &Number::new(1, 9)), 0);
    assert_eq!(array.insert(&mut pool, &Number::new(3, 9)), 4);
    assert_eq!(array.insert(&mut pool, &Number::new(4, 9)), 6);
    assert_eq!(array.get(0), Some(&Number::new(1, 9)));
    assert_eq!(array.get(4), Some(&Number::new(3, 9)));
}

#[test]
fn a_search_finds_the_first_of_equal_keys_over_many_nodes() {
    let (array, _pool) = filled(&[3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 5]);
    assert!(shape(array.as_array()).len() > 3);
    let index = |key| array.index(array.search(key));
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(index), [0, 0, 1, 1, 10, 10, 11]);
    let index_above = |key| array.index(array.search_above(key));
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(index_above), [0, 1, 1, 10, 10, 11, 11]);
}

#[test]
fn a_search_that_ends_with_a_node_gives_the_start_of_the_next() {
    let (array, _pool) = filled(&[0, 10, 20, 30, 40, 50]);
    assert_eq!(shape(array.as_array()), [4, 2]);
    let cursor = array.search(31);
    assert_eq!((cursor.node, cursor.relative_index), (1, 0));
    let cursor = array.search(51);
    assert_eq!((cursor.node, cursor.relative_index), (1, 2));
    assert_eq!(cursor, array.end_cursor());
    assert_eq!(array.element(cursor), None);
}

#[test]
fn in_an_empty_array_every_search_ends_at_the_start() {
    let (array, _pool) = filled(&[]);
    for key in [0, 7, u32::MAX] {
        assert_eq!(array.search(key), array.first_cursor());
        assert_eq!(array.search_above(key), array.end_cursor());
    }
}

#[test]
fn the_extreme_keys_are_ordinary_keys() {
    let (array, _pool) = filled(&[u32::MAX, 0, u32::MAX, 0]);
    assert_eq!(array.index(array.search(u32::MAX)), 2);
    assert_eq!(array.index(array.search_above(u32::MAX)), 4);
    assert_eq!(array.index(array.search_above(0)), 2);
}

#[test]
fn an_element_is_replaced_by_one_of_equal_key() {
    let (mut array, mut pool) = filled(&[1, 2, 3]);
    array.replace(1, &Number::new(2, 77));
    assert_eq!(array.get(1), Some(&Number::new(2, 77)));
    array.remove(&mut pool, 0, 2);
    let down = array.iter(array.end_cursor(), Direction::Descending);
    assert!(down.eq(&[Number::new(3, 2)]));
    array.clear(&mut pool);
    assert!(array.is_empty());
    pool.assert_all_free();
}
