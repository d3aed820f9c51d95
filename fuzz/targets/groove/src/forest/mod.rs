//! Target `forest`: two plain trees and two grooves in a store, on a simulated disk. The model has
//! a map for each.
//!
//! What is checked:
//!
//! - Lookups, scans, prefetches, queries and ranges return what the models hold, in both
//!   directions. A discarded scope of all trees has no effect.
//! - A checkpoint is written when it is due, and all trees are at the same checkpoint after the
//!   store is opened.
//! - At each checkpoint, and when the store was opened: every block in use belongs to exactly one
//!   table, to the log, or to the free set of the checkpoint. The log on the disk has the tables of
//!   all trees, with their key ranges. The blocks are read by the documentation of the file format.
//! - After a crash, or after the store was opened again, the world repeats the lost writes and
//!   beats. At the end a second store, on a disk without faults, does the whole history without a
//!   crash. The two stores use the same blocks, with the same bytes.
//! - A store is not opened under another name, with other trees or records, or with other sizes.
//!   The reason is returned, and the disk is unchanged.
//! - Power is lost at any I/O, and faults cause errors, each with its own cause on the disk.
//!
//! Writes and beats first repeat what is left of the history. Reads do not. If a beat has no room
//! for a write or a prefetch, the beat ends first. If the store is read-only, the next write opens
//! it again first. If a tree or the device is full, it formats the store instead.

mod audit;
mod changes;
mod compare;
mod events;
mod host;
mod impostors;
mod operations;
mod plain;
mod reads;
mod replay;
mod scopes;
mod sides;
mod states;
mod tested;
mod trees;
mod twin;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::forest::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation, SCHEDULE,
};

/// The target.
#[derive(Debug)]
pub struct Forest;

impl Target for Forest {
    const LISTING: Listing = registry::FOREST;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const PHASES: &'static [StateGroup] = crate::store::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] =
        &[BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT];
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 8;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
