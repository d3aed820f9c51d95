//! Target `superblock`: the superblock of the core on the simulated disk, used directly or through
//! the core's own file storage. The model is a list of all written superblocks.
//!
//! What is checked at every opening:
//!
//! - **Crashes only**: the superblock opens at the state that was acknowledged last, or at the
//!   state that was under way when power was lost or the process ended. The opened state is intact,
//!   with its number, its parent and its store, and is the acknowledged state from then on. This is
//!   so in all cases: with and without flushed writes, after a failed flush, if the power stayed
//!   on, and if the opening itself crashed any number of times.
//! - **Within the limits**: opening needs no copy that is damaged or was written since the last
//!   acknowledgement. The rules for crashes apply here, too. An attempt to open may fail if the
//!   device failed during that attempt; the next attempt then succeeds. A checkpoint fails only if
//!   the device did.
//! - **Beyond the limits**, if an unreported fault has occurred since everything was last known to
//!   be durable: the superblock opens at any intact state that was ever written, or returns an
//!   error. An earlier state is allowed, because it is what a lost flush leaves on the device.
//!   After an error the device is formatted again.
//! - **Formatting**: until the new store is acknowledged, an opening may return an error or open
//!   the previous store.
//!
//! At every acknowledgement, in all cases: all copies hold the superblock, none is damaged, and it
//! is durable unless the device reported a flush that it did not do. Without faults, nothing is
//! repaired.

mod checkpoint;
mod compare;
mod crash_everywhere;
mod events;
mod faults;
mod formatting;
mod medium;
mod opening;
mod operations;
mod states;
mod store;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::superblock::{COPIES, Operation, SCHEDULE, SECTOR};

/// The target.
#[derive(Debug)]
pub struct Superblock;

impl Target for Superblock {
    const LISTING: Listing = registry::SUPERBLOCK;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const SWEEP_FROM: Option<u64> = Some(8);
    const GEOMETRY: &'static [usize] = &[COPIES, SECTOR];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(store::Store::new(geometry))
    }
}
