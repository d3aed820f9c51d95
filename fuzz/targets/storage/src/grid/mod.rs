//! Target `grid`: blocks written, read, cached and released, across checkpoints, on a disk with
//! crashes and faults. The model is a list with an entry for each address.
//!
//! What is checked:
//!
//! - A read returns the block as it was written, or an error. As long as the faults of the disk
//!   stay within the [`FaultLimits`], a read of a block that must exist fails only if the disk
//!   failed a read.
//! - Everything that `crate::store` checks.
//!
//! [`FaultLimits`]: downbeat::disk::FaultLimits

mod answers;
mod events;
mod operations;
mod reads;
mod states;
mod tenant;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::grid::{
    BLOCK, BLOCKS, CACHE_SETS, COPIES, IN_FLIGHT, Operation, PRIVATE, SCHEDULE, SECTOR,
};

/// The target.
#[derive(Debug)]
pub struct Grid;

impl Target for Grid {
    const LISTING: Listing = registry::GRID;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const SWEEP_FROM: Option<u64> = Some(8);
    const GEOMETRY: &'static [usize] =
        &[SECTOR, BLOCK, BLOCKS, COPIES, CACHE_SETS, PRIVATE, IN_FLIGHT];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
