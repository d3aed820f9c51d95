//! Target `free_set`: which blocks are free, across checkpoints and crashes. The model is a list of
//! the states of the blocks, with the checkpoints that may be opened after a crash.
//!
//! Also checked:
//!
//! - No block is acquired while a checkpoint that may be opened refers to it.
//! - An encoded set equals the model's encoding bit by bit, and is decoded from pieces of any size.
//! - An invalid encoded set is refused, and the free set that refuses it does not change.
//! - After all blocks are released, two checkpoints free all of them.

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

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::free_set::{Operation, RESERVATIONS, SHARD};

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
