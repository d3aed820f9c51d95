//! Target `tree`: a tree in a store, on a simulated disk. The model is a sorted map.
//!
//! What is checked:
//!
//! - Every get, alone or with many others, and every scan, in both directions, by pages and with
//!   seeks, returns the records of the map.
//! - Lookups and scans stay open while the store changes, several at once. A lookup returns the
//!   record that its key had when the lookup began. A scan returns the present records, also after
//!   seeks, writes and beats. Both are refused after the store was opened again.
//! - A discarded scope has no effect on the records, on the space left for writes, or on the key
//!   range.
//! - A checkpoint is written in the beat in which the model says that it is due, also if it was
//!   requested. It has the writes of all beats up to the beat that it names, and all writes before
//!   its request. A store that is opened again has exactly the records of the checkpoint.
//! - Between bars: the tables of a level are disjoint, and at most as many as the level may have;
//!   each new table matches its entry in the manifest, block by block; a merge into the last level
//!   adds no tombstones to that level; no buffer and no reservation is left in use.
//! - At each checkpoint: every block in use belongs to a table, to the log or to the free set, or
//!   is released; the superblock is the core's; the log, when read back, has the tables of the
//!   manifest. Tables, log and superblock are read according to the documentation of the file
//!   format, without the core. After the store was opened, all records are compared in this way.
//! - A get reads at most two blocks of each table that may have its key, and the last block that it
//!   read is then in the cache. A scan reads each block of its range at most once. No beat reduces
//!   the number of cached blocks. A bar writes at most the blocks of one merge into each level, the
//!   log and the free set, and leaves at most one table in each level that is not full. Blocks that
//!   are released become free again.
//! - Power is lost at any I/O: in a beat, in a checkpoint, while the store opens. The store then
//!   opens at the last acknowledged checkpoint, or at the one that was being written to the
//!   superblock, and at no other. It has exactly the records of that checkpoint. The same holds if
//!   the store is opened again, without a loss of power, while it writes the superblock.
//! - A read returns the right records or an error. Each error has its own cause on the disk: a loss
//!   of power, an I/O of the same operation that failed in this way, or damage at the place that
//!   the error names. Within the fault limits the store always opens. Beyond the limits it may fail
//!   to open, if the disk is damaged at the place that the error names. It is then formatted again.
//! - A beat fails only because of the disk, or because the tree or the device is full. The store is
//!   then read-only: it still reads the last checkpoint, and a write or a beat returns the reason.
//! - Tables that cannot be read are given up: those and no others, each for a reason that the disk
//!   explains. Their keys then have the newest version that is left, as the tables on the disk say,
//!   and other keys have not changed. Until the next checkpoint, a store that is opened again has
//!   the tables again.
//!
//! A setting of the input decides whether the world drives the beats, or calls the methods of the
//! store that run whole beats and checkpoints. When the store is opened again, the disk is opened
//! by the same store object, or by a new one, which may have other sizes of memory.
//!
//! When the tree or the device is full, beats run before a write while the store says that they may
//! make room. Then a put is refused and becomes a read. A removal must be accepted, and puts must
//! be accepted when all records were removed. After a fault, the next write opens the store again.

mod audit;
mod bars;
mod batches;
pub(super) mod beats;
mod cost;
pub(super) mod events;
pub(crate) mod faults;
mod filling;
mod giving_up;
pub(super) mod history;
mod landmarks;
#[cfg(feature = "tree_large")]
pub mod large;
mod lookups;
mod moment;
mod open_scans;
mod operations;
mod phases;
pub(super) mod reads;
mod recovery;
mod renewal;
mod salvage;
mod scans;
pub(super) mod states;
mod stats;
pub(super) mod tested;
mod whole;
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
    const STATES: &'static [StateGroup] = states::SMALL;
    const PHASES: &'static [StateGroup] = phases::GROUPS;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = &[
        RECORD, BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT, USAGE, DEVICE,
    ];
    /// Few, because a world is remade in its own memory, which is in the processor's cache if the
    /// world ran lately. 1,500 executions of the seeded driver take 2.0 CPU seconds with 2 worlds,
    /// 2.2 with 24, and 2.2 with 24 worlds that are not remade.
    const KEPT: usize = 2;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        of_records!(usage, size, R => Box::new(tested::Tested::<R>::new(geometry)))
    }
}
