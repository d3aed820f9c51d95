//! Target `manifest_log`: the log of the manifest, on a disk with crashes and faults. Tables are
//! inserted, changed and removed in half-bars, and checkpoints are written between half-bars. The
//! model is the log, entry by entry.
//!
//! What is checked:
//!
//! - After every half-bar the log has the model's blocks, and knows the exact place of the newest
//!   entry of each live table. The blocks that are compacted, the entries that are kept and
//!   dropped, and their order follow from the entries alone.
//! - The log is never longer than its pace allows, so a device with room for that length is never
//!   full.
//! - When the log is opened, it reports each table of the checkpoint once, with its newest entry.
//! - All blocks are accounted for: those of the log, those of tables, those of the free set, and
//!   those released.
//! - A read or a write that fails is an error. After an error the log refuses work until it is
//!   opened again.
//! - Everything that `downbeat_storage_targets::store` checks. Blocks of tables are acquired, but
//!   never written.

mod compare;
mod events;
mod half_bars;
mod operations;
mod states;
mod tables;
mod tenant;
mod tested;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::manifest_log::{
    BLOCK, CACHE_SETS, EXTRA, GROWTH, IN_FLIGHT, LEVELS, Operation, SCHEDULE, TABLES, TREES, WIDTH,
};

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
