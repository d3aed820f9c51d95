//! States of the arrays: how full their nodes are, and where in a node something happens.

use std::cmp::Ordering;

use downbeat::Run;
use downbeat::states::octave;

downbeat::states! {
    NodesPlain "nodes of the plain array, by octave" 8,
    NodesSorted "nodes of the sorted array, by octave" 8,
    NodeOfInsert "nodes before the node of an insertion, and nodes after it: none, one or more of each" 9,
    FillOfInsert "fill of the node of an insertion, in eighths" 9,
    InsertWithin "place of an insertion in its node (start, inside, end), by elements of the batch (one, some, many)" 9,
    FillOfRemoval "fill of the node of a removal, in eighths" 9,
    RemovalWithin "place of a removal in its node: from the start, inside, up to the end, or over the end" 4,
    EqualsAtSearch "elements with the key of a search, by octave" 5,
    SearchLandsAt "where a search ends: without a node, at the start of a node, inside a node, at the end of the array" 4,
    CountedByPlain "how often each of 6 events of the plain array happened: never, once, more often" 18,
    CountedBySorted "how often each of 6 events of the sorted array happened: never, once, more often" 18,
}

/// The place in an array that a call changes or searches, before any change.
pub(super) struct Spot {
    pub(super) node: u32,
    pub(super) nodes: u32,
    /// The index within the node.
    pub(super) within: u32,
    /// The number of elements of the node.
    pub(super) len: u32,
    pub(super) capacity: u32,
}

pub(super) fn inserted(spot: &Spot, count: u32, run: &mut Run) {
    let Spot { node, nodes, within, len, capacity } = *spot;
    let behind = nodes.saturating_sub(node + 1);
    run.state(NodeOfInsert, (3 * node.min(2) + behind.min(2)) as usize);
    run.state(FillOfInsert, (8 * len / capacity) as usize);
    let place = if within == 0 { 0 } else { 1 + usize::from(within == len) };
    let batch = if count == 1 { 0 } else { 1 + usize::from(count > capacity) };
    run.state(InsertWithin, 3 * place + batch);
}

pub(super) fn removed(spot: &Spot, count: u32, run: &mut Run) {
    let Spot { within, len, capacity, .. } = *spot;
    run.state(FillOfRemoval, (8 * len / capacity) as usize);
    let place = match (within + count).cmp(&len) {
        Ordering::Less => usize::from(within > 0),
        Ordering::Equal => 2,
        Ordering::Greater => 3,
    };
    run.state(RemovalWithin, place);
}

pub(super) fn searched(spot: &Spot, equals: u64, run: &mut Run) {
    let Spot { within, len, .. } = *spot;
    run.state(EqualsAtSearch, octave(equals));
    let place = match within {
        _ if len == 0 => 0,
        0 => 1,
        _ => 2 + usize::from(within == len),
    };
    run.state(SearchLandsAt, place);
}
