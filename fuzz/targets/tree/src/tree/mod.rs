//! Target `tree`: a tree in a store, on a simulated disk. The model is a sorted map.
//!
//! What is checked:
//!
//! - Every get, alone or with many others, and every scan, in both directions, by pages and with
//!   seeks, returns what the map holds. So does a scan that continues after writes and beats.
//! - A discarded scope has no effect: no record, no used room, and no change of the key range.
//! - A checkpoint comes when the model says that it is due, and when it was requested. It holds all
//!   beats up to the one that it names, and everything that was put before it was requested. A
//!   store that is opened again holds exactly the content of the checkpoint.
//! - Between bars: the tables of a level are disjoint, and at most as many as the level may have;
//!   each new table is what its entry in the manifest says, block by block; no table of the last
//!   level has tombstones that were not in that level before; no buffer and no reservation is left.
//! - At each checkpoint: every block in use belongs to a table, to the log or to the free set, or
//!   is released; the log, when read back, has the same tables.
//! - A get reads at most two blocks of each table that may have its key, and does not read again
//!   the blocks that it has just read. No beat drops blocks from the cache. A bar writes at most
//!   the blocks of one merge into each level, the log and the free set.
//!
//! The store becomes read-only when the tree or the device is full, and the target checks that it
//! is full. Writes then become reads.

mod audit;
mod bars;
pub(super) mod beats;
mod cursor;
pub(super) mod events;
pub(super) mod history;
mod log_book;
mod operations;
pub(super) mod reads;
mod scans;
mod states;
pub(super) mod tested;
mod world;
mod writes;

use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation,
    RECORD, SCHEDULE, USAGE,
};

/// The target.
#[derive(Debug)]
pub struct Tree;

impl Target for Tree {
    const LISTING: Listing = registry::TREE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = &[
        RECORD, BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT, USAGE, DEVICE,
    ];
    /// Each takes much memory.
    const KEPT: usize = 24;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        of_records!(usage, size, R => Box::new(tested::Tested::<R>::new(geometry)))
    }
}
