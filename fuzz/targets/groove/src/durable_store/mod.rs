//! Target `durable_store`: a store of one tree with a log, on two simulated disks. The model is a
//! sorted map, and what each batch after the last acknowledged one replaced in it.
//!
//! What is checked:
//!
//! - Power is lost, or the process is killed, at any I/O of the two disks, also while the store
//!   opens and writes batches again. All acknowledged batches are then in the store, and of the
//!   others those up to some number. A batch is in the store as a whole or not at all.
//! - After each opening, and at the end, all records equal the model, in both directions.
//! - A batch with a key twice keeps the later write. An empty batch writes nothing, and a batch
//!   that is too large is refused together with the others of its call.
//! - The batches of a call become durable with one flush, as far as the log has room.
//! - A checkpoint is taken when it is due, and releases exactly its batches from the log. The store
//!   opens at the last checkpoint, or at one that was being taken.
//! - A write or flush of the log that fails causes an error. The store then refuses writes until it
//!   is opened again, and reads the writes that were executed. A store that cannot be opened reads
//!   nothing.
//! - A store that is full refuses a batch after beats made no room for it, and goes on. No call
//!   fails because the tree or the device is full.
//! - A log with another limit of a batch, or of another store, is refused. Nothing is left of a
//!   store that was formatted again with the same number.
//!
//! The target `state_machine` damages the log.

mod events;
mod faults;
mod host;
mod operations;
mod reads;
mod recovery;
mod states;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::durable_store::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation,
    RECORDS, SCHEDULE, SECTOR, SPARE,
};

/// The target.
#[derive(Debug)]
pub struct DurableStore;

impl Target for DurableStore {
    const LISTING: Listing = registry::DURABLE_STORE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const PHASES: &'static [StateGroup] = crate::two_disks::phases::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = &[
        BLOCK, BLOCKS, RECORDS, BAR, GROWTH, LEVELS, INTERVAL, BATCH, SECTOR, SPARE, CACHE, AHEAD,
        IN_FLIGHT,
    ];
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 24;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
