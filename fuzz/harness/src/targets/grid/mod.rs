//! Target `grid`: blocks written, read, cached and released, across checkpoints, over a disk that crashes and
//! lies; against a list with an entry for each address.
//!
//! What is promised, and checked:
//!
//! - A block is read as it was written, or there is an error; never other bytes. As long as no more is wrong
//!   with the disk than [`FaultLimits`] allow, a block that is sure to be there is read, at the latest when it is
//!   asked for again.
//! - The store as a whole: what `crate::store` says of it.
//!
//! [`FaultLimits`]: crate::disk::FaultLimits

mod answers;
mod events;
mod reads;
mod states;
mod sweep;
mod tenant;
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
