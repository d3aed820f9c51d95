//! Target `grid`: blocks written, read, cached and released, across checkpoints, over a disk that
//! crashes and lies. The model is a list with an entry for each address.
//!
//! What is checked:
//!
//! - A block is read as it was written, or there is an error. As long as no more is wrong with the
//!   disk than [`FaultLimits`] allow, a block that is sure to be there is read, at the latest when
//!   it is asked for again.
//! - The store as a whole, as `crate::store` says.
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

use downbeat::model::encoding::Header;
use downbeat::model::grid::{
    BLOCK, BLOCKS, CACHE_SETS, COPIES, IN_FLIGHT, Operation, PRIVATE, SCHEDULE, SECTOR,
};
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};

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
