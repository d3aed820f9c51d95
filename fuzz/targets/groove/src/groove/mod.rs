//! Target `groove`: two grooves in a store, on a simulated disk. The model is a map of objects by
//! timestamp.
//!
//! What is checked:
//!
//! - A prefetch by primary key, timestamp or unique key finds the object of the model, also if keys
//!   repeat, are absent, or were prefetched before. A get then returns it.
//! - A prefetch that is continued by hand may be under way during gets, writes, scopes and queries.
//!   It finds the objects of the model at its end. A beat abandons it.
//! - A groove names the key of a new object that is taken.
//! - A query of one to three conditions returns the objects of the model that match, in both
//!   directions, one by one or by pages, with seeks, and if it ends early. A condition that cannot
//!   be evaluated is refused with the reason. If a read of an object fails, the objects before it
//!   were returned.
//! - A store does not open with another type of objects.
//! - A discarded scope has no effect on objects, indexes, or the room for writes.
//! - At the end, before and after the store is opened again: the object tree has exactly the
//!   objects of the model. The tree of each field has exactly their entries, in both directions. A
//!   query for each value of each index returns its objects.
//! - A checkpoint is written when it is due, and has the objects of all beats up to the beat that
//!   it names. All trees are at the same checkpoint after the store is opened.
//! - Power is lost at any I/O. The store then opens at the last acknowledged checkpoint, or at the
//!   one that was being written to the superblock. Faults of the disk cause errors, never wrong
//!   objects. Each error has its own cause on the disk.
//! - Between bars no buffer and no reservation is left in use.
//!
//! Before it writes an object, the world prefetches its key. In a scope, which forbids prefetches,
//! it writes only objects whose keys were prefetched before. If the beat has no room for a write or
//! a prefetch, a beat runs first. If the store is read-only, the next write opens it again first.

mod compare;
mod events;
mod host;
mod kept;
mod meanwhile;
mod operations;
mod others;
mod prefetches;
mod queries;
mod scopes;
mod states;
mod taken;
mod tested;
mod turn;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::groove::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, LOOKUPS, OBJECTS,
    Operation, PREFETCH, SCANS, SCHEDULE,
};

/// The target.
#[derive(Debug)]
pub struct Groove;

impl Target for Groove {
    const LISTING: Listing = registry::GROOVE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const PHASES: &'static [StateGroup] = crate::store::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = &[
        BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, PREFETCH, OBJECTS, CACHE, AHEAD, LOOKUPS,
        SCANS, IN_FLIGHT,
    ];
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 8;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
