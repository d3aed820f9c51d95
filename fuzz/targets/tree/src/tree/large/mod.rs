//! Target `tree_large`: a tree in a store, with sizes of real use. The simulated disk allocates
//! memory only for what is written.
//!
//! - The store, the model and the checks are those of the target `tree`. The operations are larger:
//!   an operation can put, remove or read a run of up to 100,000 keys.
//! - A shape is a set of sizes. With most shapes a number exceeds 5, 8, 16 or 32 bits:
//!   the beats of a bar, the runs or records in memory, the value blocks of a table, the tables of
//!   a level, or the bytes of the device.
//! - The first blocks of the device can be a ballast: they are in use, but nothing is written to
//!   them. With large blocks, the ballast ends shortly before 4 GiB, so that the tree has blocks on
//!   both sides of 4 GiB.
//! - After each operation, a few keys of earlier runs of writes are compared with the model. At the
//!   end, scans compare all records. Gets of all keys would take too long.
//! - The number of steps of a run is limited. An operation is cut short if too few steps are left.

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
    const PHASES: &'static [StateGroup] = super::phases::GROUPS;
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
        let size = shapes::record_size(geometry);
        of_records!(large, usage, size, R => Box::new(Large::<R>::new(geometry)))
    }
}
