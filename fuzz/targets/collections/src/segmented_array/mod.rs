//! Target `segmented_array`: a plain segmented array and a sorted one, of elements of different
//! sizes, whose nodes come from one pool. The model of each is a flat list.
//!
//! Also checked: every node except the last is at least half full, and none is empty; the nodes
//! that the pool has given are exactly the nodes of the arrays, and all of them return to the pool;
//! a pool of as many nodes as both arrays say they can need never runs out.

mod arrays;
mod compare;
mod events;
mod plain;
mod sorted;
mod states;
mod sweep;
mod words;
mod world;

use downbeat::model::segmented_array::Operation;
use downbeat::registry::{self, Listing};
use downbeat::states::StateGroup;
use downbeat::target::Target;
use downbeat::worlds::ByGeometry;

/// The target.
#[derive(Debug)]
pub struct SegmentedArray;

impl Target for SegmentedArray {
    const LISTING: Listing = registry::SEGMENTED_ARRAY;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SWEEP_FROM: Option<u64> = Some(1);
    type Operation = Operation;
    type World = ByGeometry<SegmentedArray>;
}
