//! Target `free_set`: which blocks are free, against a list of what each of them is, with the checkpoints that
//! may be opened after a crash.
//!
//! What must hold beyond the answers: no block that such a checkpoint refers to is acquired; what is encoded is,
//! to the bit, what the model makes of the same set by the book, and is decoded from pieces of any size; what is
//! none of these streams is refused, and leaves nothing behind; when all is released, two checkpoints later all
//! is free.

mod changes;
mod checkpoints;
mod compare;
mod encoded;
mod events;
mod jobs;
mod reads;
mod shelf;
mod states;
mod store;
mod sweep;
mod world;

use crate::model::free_set::Operation;
use crate::states::StateGroup;
use crate::target::{Budget, Target};

/// The target.
#[derive(Debug)]
pub struct FreeSet;

impl Target for FreeSet {
    const NAME: &'static str = "free_set";
    const ABOUT: &'static str =
        "blocks reserved, acquired and released, across checkpoints and crashes";
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const BUDGET: Budget = Budget { steps: 1 << 20, input_bytes: 512 };
    type Operation = Operation;
    type World = world::FreeSetWorld;
}
