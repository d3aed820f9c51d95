//! Target `free_set`: which blocks are free, across checkpoints and crashes. The model is a list of
//! the states of the blocks, with the checkpoints that may be opened after a crash.
//!
//! Also checked:
//!
//! - No acquired block belongs to such a checkpoint.
//! - An encoded set equals the model's encoding bit by bit, and is decoded from pieces of any size.
//! - Any other stream is refused, and does not change the set that refuses it.
//! - After all blocks are released, two checkpoints free all of them.

mod changes;
mod checkpoints;
mod compare;
mod encoded;
mod events;
mod jobs;
mod pairs;
mod reads;
mod states;
mod store;
mod sweep;
mod world;

use downbeat::model::free_set::Operation;
use downbeat::registry::{self, Listing};
use downbeat::states::StateGroup;
use downbeat::target::Target;
use downbeat::worlds::ByGeometry;

/// The target.
#[derive(Debug)]
pub struct FreeSet;

impl Target for FreeSet {
    const LISTING: Listing = registry::FREE_SET;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SWEEP_FROM: Option<u64> = Some(1);
    type Operation = Operation;
    type World = ByGeometry<FreeSet>;
}
