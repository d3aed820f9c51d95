//! Target `manifest_log`: tables come, change and go in half-bars and between checkpoints, over a
//! disk that crashes and lies. The model is the log, entry by entry.
//!
//! What is checked:
//!
//! - After every half-bar the log has the blocks that the model says, and for each live table the
//!   very place of its newest entry: what was compacted, kept and dropped, and in which order,
//!   follows from the entries alone.
//! - The log is never longer than its pace allows, and a device with room for that is never full.
//! - Opened, it reports the tables of the checkpoint, each once, as its newest entry has it.
//! - All blocks are accounted for: those of the log, those of tables, those of the free set, and
//!   those released.
//! - A read or a write that failed is an error. After it the log refuses work until it is opened
//!   anew.
//! - The store as a whole, as `downbeat_storage_targets::store` says. Blocks of tables are
//!   acquired, and never written.

mod compare;
mod events;
mod half_bars;
mod operations;
mod states;
mod tables;
mod tenant;
mod tested;
mod world;

use downbeat::model::encoding::Header;
use downbeat::model::manifest_log::{
    BLOCK, CACHE_SETS, EXTRA, GROWTH, IN_FLIGHT, LEVELS, Operation, SCHEDULE, TABLES, TREES, WIDTH,
};
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};

/// The target.
#[derive(Debug)]
pub struct ManifestLog;

impl Target for ManifestLog {
    const LISTING: Listing = registry::MANIFEST_LOG;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] =
        &[BLOCK, TABLES, TREES, WIDTH, LEVELS, GROWTH, EXTRA, CACHE_SETS, IN_FLIGHT];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
