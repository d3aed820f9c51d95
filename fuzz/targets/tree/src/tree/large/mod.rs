//! Target `tree_large`: a tree in a store, with sizes of real use. The simulated disk takes memory
//! only for what is written.
//!
//! - The store, the model and the checks are those of the target `tree`. A few operations do much:
//!   each writes, removes or reads a run of up to 100,000 keys.
//! - A [shape](shapes) is a set of sizes that together exceed a limit of 5, 8, 16 or 32 bits: beats
//!   of a bar, runs and records in memory, value blocks of a table, tables of a level, bytes of the
//!   device.
//! - Large blocks of the tree lie on both sides of 4 GiB. The blocks below are the ballast: in use,
//!   but empty.
//! - After each operation, keys of runs and their neighbours are compared with the model; at the end
//!   all records are. Gets of all keys would take too long.
//! - The steps of a run are limited, and each operation does only as much as is left.

mod keys;
mod operations;
mod samples;
mod shapes;
mod world;

use downbeat::input::encoding::Header;
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Elsewhere, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::tree_large::{
    AHEAD, BALLAST, CACHE, COPIES, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation,
    SCHEDULE, SHAPE, USAGE,
};

use super::{events, states};
use world::Large;

/// The target.
#[derive(Debug)]
pub struct TreeLarge;

impl Target for TreeLarge {
    const LISTING: Listing = registry::TREE_LARGE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const ELSEWHERE: Elsewhere =
        Elsewhere { events: events::NAMES.len(), groups: states::SMALL.len() };
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] =
        &[SHAPE, GROWTH, LEVELS, INTERVAL, COPIES, CACHE, AHEAD, IN_FLIGHT, USAGE, DEVICE, BALLAST];
    /// A world takes up to a few hundred megabytes.
    const KEPT: usize = 1;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = shapes::SHAPES[geometry.index(SHAPE)].record;
        of_records!(large, usage, size, R => Box::new(Large::<R>::new(geometry)))
    }
}
