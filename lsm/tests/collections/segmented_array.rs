//! Tests of a segmented array: the positions of elements, and their layout in nodes.

use downbeat_lsm::collections::{Cursor, Direction};

use crate::number::{array, assert_same, elements, shape};

/// Nodes of four elements.
const NODE_SIZE: usize = 16;

fn numbers(range: std::ops::Range<u32>) -> Vec<u32> {
    range.collect()
}

#[test]
fn elements_inserted_at_the_end_fill_their_nodes() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    for number in 0..9 {
        array.insert(&mut pool, number, &[number]);
    }
    assert_eq!(shape(&array), [4, 4, 1]);
    assert_same(&array, &numbers(0..9));
    assert_eq!(array.statistics().appends, 3);
    assert_eq!(array.statistics().splits, 0);
}

#[test]
fn elements_inserted_at_the_front_leave_half_full_nodes() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    for number in (0..9).rev() {
        array.insert(&mut pool, 0, &[number]);
    }
    assert_eq!(shape(&array), [3, 2, 2, 2]);
    assert_same(&array, &numbers(0..9));
    assert_eq!(array.statistics().splits, 3);
}

#[test]
fn a_full_node_is_split_in_half_wherever_the_element_goes() {
    for index in 0..4 {
        let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
        let mut model = numbers(0..8);
        array.insert(&mut pool, 0, &model);
        array.insert(&mut pool, index, &[99]);
        model.insert(index as usize, 99);
        assert_eq!(shape(&array), [3, 2, 4]);
        assert_same(&array, &model);
    }
}

#[test]
fn an_element_between_two_nodes_goes_to_the_second() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..6));
    array.insert(&mut pool, 4, &[99]);
    assert_eq!(shape(&array), [4, 3]);
    assert_eq!(elements(&array), [0, 1, 2, 3, 99, 4, 5]);
}

#[test]
fn more_elements_than_a_node_holds_can_be_inserted_at_once_anywhere() {
    for index in 0..=8 {
        for count in 1..20 {
            let (mut array, mut pool) = array::<u32>(NODE_SIZE, 30);
            let mut model = numbers(0..8);
            array.insert(&mut pool, 0, &model);
            array.insert(&mut pool, index, &numbers(100..100 + count));
            let index = index as usize;
            model.splice(index..index, 100..100 + count);
            assert_same(&array, &model);
        }
    }
}

#[test]
fn any_range_of_elements_can_be_removed_at_once() {
    for index in 0..=20 {
        for count in 0..=20 - index {
            let (mut array, mut pool) = array::<u32>(NODE_SIZE, 30);
            let mut model = numbers(0..20);
            for &number in model.iter().rev() {
                array.insert(&mut pool, 0, &[number]);
            }
            array.remove(&mut pool, index, count);
            model.drain(index as usize..(index + count) as usize);
            assert_same(&array, &model);
            assert_eq!(pool.acquired_count(), array.node_count());
        }
    }
}

#[test]
fn two_nodes_whose_elements_fit_into_one_node_are_merged() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..10));
    assert_eq!(shape(&array), [4, 4, 2]);
    array.remove(&mut pool, 5, 2);
    assert_eq!(shape(&array), [4, 4]);
    assert_same(&array, &[0, 1, 2, 3, 4, 7, 8, 9]);
    assert_eq!(array.statistics().merges, 1);
}

#[test]
fn a_node_below_half_is_filled_from_the_next_node() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..8));
    array.remove(&mut pool, 1, 2);
    assert_eq!(shape(&array), [2, 4]);
    array.remove(&mut pool, 0, 1);
    assert_eq!(shape(&array), [3, 2]);
    assert_same(&array, &[3, 4, 5, 6, 7]);
    assert_eq!(array.statistics().rebalances, 1);
}

#[test]
fn the_last_node_may_be_almost_empty_and_is_released_when_it_is_empty() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..5));
    assert_eq!(shape(&array), [4, 1]);
    array.remove(&mut pool, 4, 1);
    assert_eq!(shape(&array), [4]);
    array.remove(&mut pool, 2, 2);
    array.remove(&mut pool, 0, 2);
    assert!(array.is_empty());
    assert_eq!(array.statistics().nodes_emptied, 2);
    pool.assert_all_free();
}

#[test]
fn a_cleared_array_releases_its_nodes_and_can_be_filled_again() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    for _ in 0..3 {
        array.insert(&mut pool, 0, &numbers(0..12));
        array.clear(&mut pool);
        assert_same(&array, &[]);
        pool.assert_all_free();
    }
    assert_eq!(array.statistics().nodes_cleared, 9);
    array.insert(&mut pool, 0, &numbers(0..5));
    array.reset(&mut pool);
    assert_eq!(*array.statistics(), Default::default());
    pool.assert_all_free();
}

#[test]
fn the_largest_number_of_nodes_is_reached_and_not_exceeded() {
    for node_size in [16, 32, 48] {
        for element_count_max in 1..=60 {
            let (mut array, mut pool) = array::<u64>(node_size, element_count_max);
            let mut node_count = 0;
            loop {
                // Nodes that are split at the front stay half full, except the first.
                while array.len() < element_count_max {
                    array.insert(&mut pool, 0, &[0]);
                    node_count = node_count.max(array.node_count());
                }
                // Elements are removed at the end and inserted at the front, until the last node
                // has one element.
                let surplus = array.node_len(array.node_count() - 1) - 1;
                if surplus == 0 || array.node_count() == 1 {
                    break;
                }
                array.remove(&mut pool, array.len() - 1, 1);
            }
            assert_eq!(node_count, array.node_count_max(), "{node_size} {element_count_max}");
        }
    }
}

#[test]
fn a_node_holds_an_even_number_of_elements() {
    let capacities =
        [32, 48, 64, 80].map(|node_size| array::<[u64; 2]>(node_size, 9).0.node_capacity());
    assert_eq!(capacities, [2, 2, 4, 4]);
}

#[test]
fn an_element_is_replaced_in_its_place() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    let mut model = numbers(0..10);
    array.insert(&mut pool, 0, &model);
    for index in 0..10 {
        array.replace(index, &(index + 50));
        model[index as usize] = index + 50;
        assert_same(&array, &model);
    }
}

#[test]
fn an_iterator_starts_with_the_element_of_its_cursor() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..10));
    for index in 0..10 {
        let cursor = array.cursor(index);
        assert!(array.iter(cursor, Direction::Ascending).copied().eq(index..10));
        assert!(array.iter(cursor, Direction::Descending).copied().eq((0..=index).rev()));
    }
}

#[test]
fn an_iteration_from_the_end_is_empty_if_ascending_and_complete_if_descending() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    let end = array.end_cursor();
    assert_eq!(array.iter(end, Direction::Ascending).next(), None);
    assert_eq!(array.iter(end, Direction::Descending).next(), None);
    array.insert(&mut pool, 0, &numbers(0..8));
    let end = array.end_cursor();
    assert_eq!(end, Cursor { node: 1, relative_index: 4 });
    assert_eq!(array.iter(end, Direction::Ascending).next(), None);
    assert!(array.iter(end, Direction::Descending).copied().eq((0..8).rev()));
}

#[test]
fn an_iterator_reports_its_index_and_remaining_length() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..10));
    for direction in [Direction::Ascending, Direction::Descending] {
        let start = match direction {
            Direction::Ascending => array.first_cursor(),
            Direction::Descending => array.end_cursor(),
        };
        let mut iter = array.iter(start, direction);
        for left in (1..=10).rev() {
            assert_eq!(iter.len(), left);
            let (cursor, index) = (iter.cursor().unwrap(), iter.index().unwrap());
            assert_eq!(array.index(cursor), index);
            assert_eq!(iter.next(), Some(&index));
        }
        assert_eq!((iter.cursor(), iter.index(), iter.next()), (None, None, None));
    }
}

#[test]
fn a_finished_iterator_gives_nothing() {
    let (mut array, mut pool) = array::<u32>(NODE_SIZE, 12);
    array.insert(&mut pool, 0, &numbers(0..10));
    let mut iter = array.iter(array.first_cursor(), Direction::Ascending);
    assert_eq!(iter.next(), Some(&0));
    iter.finish();
    assert_eq!((iter.next(), iter.cursor(), iter.len()), (None, None, 0));
}
