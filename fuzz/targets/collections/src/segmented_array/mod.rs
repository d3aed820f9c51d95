//! Target `segmented_array`: a plain segmented array and a sorted one, of elements of different
//! sizes, whose nodes come from one pool. The model of each is a flat list.
//!
//! Also checked:
//!
//! - Every node except the last is at least half full, and none is empty.
//! - The arrays have exactly the nodes that are acquired from the pool, and a reset returns all of
//!   them.
//! - The pool never runs out of nodes if it has as many as both arrays can use (`node_count_max`).

mod arrays;
mod compare;
mod events;
mod operations;
mod plain;
mod scan;
mod sorted;
mod states;
mod words;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::segmented_array::{ELEMENTS, LIMIT, NODE, Operation, POOL, SLACK};

/// The target.
#[derive(Debug)]
pub struct SegmentedArray;

impl Target for SegmentedArray {
    const LISTING: Listing = registry::SEGMENTED_ARRAY;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SWEEP_FROM: Option<u64> = Some(1);
    const GEOMETRY: &'static [usize] = &[ELEMENTS, NODE, SLACK, LIMIT, POOL];
    // Limits the memory to about 60 MB.
    const KEPT: usize = 192;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        // In the order of `model::segmented_array::ELEMENT_NAMES`.
        match geometry.index(ELEMENTS) {
            0 => Box::new(arrays::Arrays::<1, 2>::new(geometry)),
            1 => Box::new(arrays::Arrays::<3, 3>::new(geometry)),
            _ => Box::new(arrays::Arrays::<10, 5>::new(geometry)),
        }
    }
}
