//! Target `free_set`: which blocks are free, across checkpoints and crashes. The model is a list of
//! what each block is, with the checkpoints that may be opened after a crash.
//!
//! What must hold beyond the answers: no block that such a checkpoint refers to is acquired; what
//! is encoded equals, to the bit, what the model makes of the same set, and is decoded from pieces
//! of any size; any other stream is refused, and leaves nothing behind; when all is released, two
//! checkpoints later all is free.

mod changes;
mod checkpoints;
mod compare;
mod encoded;
mod events;
mod jobs;
mod operations;
mod reads;
mod states;
mod store;
mod world;

use downbeat::model::encoding::Header;
use downbeat::model::free_set::{Operation, RESERVATIONS, SHARD};
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};

/// The target.
#[derive(Debug)]
pub struct FreeSet;

impl Target for FreeSet {
    const LISTING: Listing = registry::FREE_SET;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SWEEP_FROM: Option<u64> = Some(1);
    // The number of blocks may change within a run.
    const GEOMETRY: &'static [usize] = &[SHARD, RESERVATIONS];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(store::Store::new(geometry))
    }
}
