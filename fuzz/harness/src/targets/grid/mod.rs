//! Target `grid`: blocks written, read, cached and released, across checkpoints, over a disk that crashes and
//! lies; against a list with an entry for each address.
//!
//! What is promised, and checked:
//!
//! - A block is read as it was written, or there is an error; never other bytes. As long as no more is wrong
//!   with the disk than [`FaultLimits`] allow, a block that is sure to be there is read, at the latest when it is
//!   asked for again.
//! - Blocks are acquired from the lowest address up. The free set is the model's, address by address.
//! - After a crash the store is what the last acknowledged checkpoint holds, or what the one under way does. Blocks
//!   that were acquired since are free, and those released since are not.
//! - Within the limits the store can always be opened. Beyond them it may be refused, and one that opens as
//!   something else than the last two checkpoints is formatted anew: a disk that says that it flushed, and did
//!   not, can do that.
//! - After a write or flush that failed, nothing is written until the store is opened anew.
//! - No memory is lost: when all is done, every buffer of the pool is unused.
//!
//! [`FaultLimits`]: crate::disk::FaultLimits

mod answers;
mod checkpoints;
mod events;
mod pump;
mod reads;
mod recovery;
mod states;
mod sweep;
mod tested;
mod world;
mod writes;

use crate::model::grid::{Operation, SCHEDULE};
use crate::states::StateGroup;
use crate::target::{Budget, Target};

/// The target.
#[derive(Debug)]
pub struct Grid;

impl Target for Grid {
    const NAME: &'static str = "grid";
    const ABOUT: &'static str =
        "blocks of a store, written, cached and read over a disk that crashes and lies";
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const BUDGET: Budget = Budget { steps: 1 << 14, input_bytes: 512 };
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const DEVICE: bool = true;
    type Operation = Operation;
    type World = world::GridWorld;
}
