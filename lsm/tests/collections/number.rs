//! The elements of these tests, and arrays of the shapes that the tests need.

use downbeat_lsm::collections::{
    Direction, Element, NodePool, NodePoolOptions, SegmentedArray, SegmentedArrayOptions, Sorted,
    SortedSegmentedArray,
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A key, and words that distinguish elements of equal keys: 4 * WORDS bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(crate) struct Number<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> Number<WORDS> {
    pub(crate) fn new(key: u32, stamp: u32) -> Self {
        let mut words = [stamp; WORDS];
        words[0] = key;
        Self(words)
    }
}

impl<const WORDS: usize> Sorted for Number<WORDS> {
    type Key = u32;
    fn sort_key(&self) -> u32 {
        self.0[0]
    }
}

pub(crate) fn pool(node_size: usize, node_count: u32) -> NodePool {
    NodePool::new(NodePoolOptions { node_size, node_count }).expect("the options are valid")
}

/// An empty array, and a pool with exactly as many nodes as the array can need.
pub(crate) fn array<T: Element>(
    node_size: usize,
    element_count_max: u32,
) -> (SegmentedArray<T>, NodePool) {
    let options = SegmentedArrayOptions { element_count_max };
    let array = SegmentedArray::new(options, node_size).expect("the options are valid");
    let pool = pool(node_size, array.node_count_max());
    (array, pool)
}

/// As [`array`], for a sorted array.
pub(crate) fn sorted<T: Sorted>(
    node_size: usize,
    element_count_max: u32,
) -> (SortedSegmentedArray<T>, NodePool) {
    let options = SegmentedArrayOptions { element_count_max };
    let array = SortedSegmentedArray::new(options, node_size).expect("the options are valid");
    let pool = pool(node_size, array.as_array().node_count_max());
    (array, pool)
}

/// The elements of an array, in order.
pub(crate) fn elements<T: Element>(array: &SegmentedArray<T>) -> Vec<T> {
    array.iter(array.first_cursor(), Direction::Ascending).copied().collect()
}

/// The number of elements in each node of an array.
pub(crate) fn shape<T: Element>(array: &SegmentedArray<T>) -> Vec<u32> {
    (0..array.node_count()).map(|node| array.node_len(node)).collect()
}

/// Compares everything that can be read from an array with a plain vector.
pub(crate) fn assert_same<T: Element + PartialEq + std::fmt::Debug>(
    array: &SegmentedArray<T>,
    model: &[T],
) {
    array.verify();
    let len = model.len() as u32;
    assert_eq!(array.len(), len);
    assert_eq!(array.is_empty(), model.is_empty());
    assert_eq!(array.is_empty(), array.node_count() == 0);
    assert_eq!(elements(array), model);
    let descending = array.iter(array.end_cursor(), Direction::Descending);
    assert!(descending.eq(model.iter().rev()));

    for index in 0..=len {
        let cursor = array.cursor(index);
        assert_eq!(array.index(cursor), index);
        assert_eq!(array.element(cursor), model.get(index as usize));
        assert_eq!(array.get(index), model.get(index as usize));
    }
    assert_eq!(array.cursor(0), array.first_cursor());
    assert_eq!(array.cursor(len), array.end_cursor());

    let shape = shape(array);
    let half = array.node_capacity() / 2;
    assert!(shape.iter().rev().skip(1).all(|&node_len| node_len >= half));
    assert!(shape.iter().all(|&node_len| 0 < node_len && node_len <= half * 2));
    assert_eq!(shape.iter().sum::<u32>(), len);
    assert!(array.node_count() <= array.node_count_max());
    let statistics = array.statistics();
    let nodes = statistics.nodes_acquired - statistics.nodes_released;
    assert_eq!(nodes, u64::from(array.node_count()));
}
