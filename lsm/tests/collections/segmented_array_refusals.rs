//! Calls on segmented arrays that panic, and options that are refused with a reason.

use downbeat_lsm::collections::{
    Cursor, Direction, InvalidOptions, SegmentedArray, SegmentedArrayOptions,
};

use crate::number::{Number, array, pool, sorted};

fn refusal(node_size: usize, element_count_max: u32) -> InvalidOptions {
    let options = SegmentedArrayOptions { element_count_max };
    SegmentedArray::<u64>::new(options, node_size).expect_err("the options are invalid")
}

#[test]
fn an_array_that_may_hold_nothing_is_refused() {
    let reason = refusal(16, 0);
    assert_eq!(reason, InvalidOptions::CountMaxZero { option: "element_count_max" });
    assert!(reason.to_string().contains("element_count_max is 0"));
}

#[test]
fn an_array_of_too_many_elements_is_refused() {
    let count_max = SegmentedArrayOptions::ELEMENT_COUNT_MAX;
    let (option, count) = ("element_count_max", count_max + 1);
    let reason = refusal(16, count);
    assert_eq!(reason, InvalidOptions::CountMaxOverLimit { option, count, count_max });
    assert!(reason.to_string().contains("lower it to at most 268435456"));
}

#[test]
fn nodes_for_fewer_than_two_elements_are_refused() {
    let options = SegmentedArrayOptions { element_count_max: 1 };
    let reason = SegmentedArray::<[u64; 4]>::new(options, 48).expect_err("48 < 2 * 32");
    assert_eq!(reason, InvalidOptions::NodeTooSmall { node_size: 48, element_size: 32 });
    assert!(reason.to_string().contains("an element takes 32: set it to at least twice that"));
    assert!(SegmentedArray::<[u64; 4]>::new(options, 64).is_ok());
}

#[test]
fn nodes_that_no_pool_has_are_refused() {
    assert_eq!(refusal(0, 1), InvalidOptions::NodeSizeZero);
    let reason = refusal(40, 1);
    assert_eq!(reason, InvalidOptions::NodeSizeUnaligned { node_size: 40, alignment: 16 });
}

#[test]
#[should_panic(
    expected = "segmented_array: the array is full (element_count_max 3, length 2, 2 more)"
)]
fn an_insert_into_a_full_array_panics() {
    let (mut array, mut pool) = array::<u32>(16, 3);
    array.insert(&mut pool, 0, &[0, 1]);
    array.insert(&mut pool, 0, &[2, 3]);
}

#[test]
#[should_panic(
    expected = "segmented_array: the array is full (element_count_max 1, length 1, 1 more)"
)]
fn an_insert_into_a_full_sorted_array_panics() {
    let (mut array, mut pool) = sorted::<Number<1>>(16, 1);
    array.insert(&mut pool, &Number::new(0, 0));
    array.insert(&mut pool, &Number::new(0, 0));
}

#[test]
#[should_panic(expected = "segmented_array: an insert must be at or before the end (1 of 0)")]
fn an_insert_above_the_end_panics() {
    let (mut array, mut pool) = array::<u32>(16, 3);
    array.insert(&mut pool, 1, &[0]);
}

#[test]
#[should_panic(expected = "segmented_array: removed elements must exist (2 from 1 of 2)")]
fn a_remove_above_the_end_panics() {
    let (mut array, mut pool) = array::<u32>(16, 3);
    array.insert(&mut pool, 0, &[0, 1]);
    array.remove(&mut pool, 1, 2);
}

#[test]
#[should_panic(expected = "segmented_array: a replaced element must exist (2 of 2)")]
fn a_replace_at_the_end_panics() {
    let (mut array, mut pool) = array::<u32>(16, 3);
    array.insert(&mut pool, 0, &[0, 1]);
    array.replace(2, &9);
}

#[test]
#[should_panic(expected = "segmented_array: a replaced element keeps its key (Some(4), not 5)")]
fn a_replace_by_another_key_panics() {
    let (mut array, mut pool) = sorted::<Number<2>>(16, 3);
    array.insert(&mut pool, &Number::new(4, 0));
    array.replace(0, &Number::new(5, 0));
}

#[test]
#[should_panic(expected = "segmented_array: a position is at most the end (1 of 0)")]
fn a_cursor_above_the_end_panics() {
    let _cursor = array::<u32>(16, 3).0.cursor(1);
}

#[test]
#[should_panic(expected = "segmented_array: a cursor ends with the next insert or remove")]
fn a_cursor_past_the_end_of_an_inner_node_panics() {
    let (mut array, mut pool) = array::<u32>(16, 8);
    array.insert(&mut pool, 0, &[0, 1, 2, 3, 4]);
    let _element = array.element(Cursor { node: 0, relative_index: 4 });
}

#[test]
#[should_panic(expected = "segmented_array: a cursor ends with the next insert or remove")]
fn a_cursor_of_a_node_that_is_gone_panics() {
    let (mut array, mut pool) = array::<u32>(16, 8);
    array.insert(&mut pool, 0, &[0, 1, 2, 3, 4]);
    let end = array.end_cursor();
    array.remove(&mut pool, 4, 1);
    let _iter = array.iter(end, Direction::Descending);
}

#[test]
#[should_panic(expected = "segmented_array: the nodes of the pool must have the size")]
fn a_pool_of_other_nodes_panics() {
    let (mut array, _) = array::<u32>(16, 8);
    array.insert(&mut pool(32, 1), 0, &[0]);
}
