//! Target `scan`: queries of a groove with four indexes, on a simulated disk. The model has a set
//! of rows for each value of each index, and joins the sets.
//!
//! What is checked:
//!
//! - A query of up to six conditions (a value or a range of values, joined by or, and, and not)
//!   returns the rows of the model, in both directions, by pages of any size. It does so after
//!   seeks ahead and back, and if it ends early.
//! - A cursor goes on where it stopped, also after writes and beats: its query begins again, and
//!   seeks the row after the last one. Several cursors take turns. The core allows one open query
//!   at a time.
//! - A condition that cannot be evaluated is refused with the reason.
//! - A query reads no more blocks than its conditions account for. An intersection of a rare value
//!   with a common one skips the blocks of the common one.
//! - After a crash the store is at the last checkpoint, or at the one that was under way.
//!
//! Some values are common and have many rows, others are rare. Runs insert enough rows for several
//! levels.

mod cursors;
mod effort;
mod events;
mod host;
mod kept;
mod operations;
mod queries;
mod states;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::scan::{
    BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, LOOKUPS, Operation, SCANS,
    SCHEDULE,
};

/// The target.
#[derive(Debug)]
pub struct Scan;

impl Target for Scan {
    const LISTING: Listing = registry::SCAN;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const PHASES: &'static [StateGroup] = crate::store::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] =
        &[BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, LOOKUPS, SCANS, IN_FLIGHT];
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 8;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
