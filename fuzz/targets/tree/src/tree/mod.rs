//! Target `tree`: a tree in a store, over a simulated disk. The model is a sorted map.
//!
//! What is checked:
//!
//! - Every get, many at once, and every scan, in both directions, by pages, with seeks, gives what
//!   the map holds. So does a scan that goes on after writes and beats.
//! - A scope that is discarded leaves nothing behind: neither its records, nor the room that they
//!   took, nor their place in the range of keys.
//! - A checkpoint comes when the model says that it is due, and when it was asked for. It holds all
//!   beats up to the one that it names, and all that was put before it was asked for. Opened again,
//!   the store is what the checkpoint holds.
//! - Between bars: the tables of a level are disjoint, and no more than the level may have; each
//!   new table is what its entry in the manifest says, block by block; no table of the last level
//!   has tombstones that were not there before; no buffer and no reservation is left.
//! - At each checkpoint: every block is in use for a table, for the log or for the free set, or
//!   released; the log read back gives the same tables.
//! - A get reads at most two blocks of each table that may have its key, and does not read again
//!   what it has just read. No beat takes blocks out of the cache. A bar writes no more blocks than
//!   one merge into each level, the log and the free set can have.
//!
//! When the tree or the device is full, which is checked, the store is read-only, and writes become
//! reads.

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

use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation,
    RECORD, SCHEDULE, USAGE,
};
use downbeat::model::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};

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
