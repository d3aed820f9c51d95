//! Target `superblock`: the superblock of the core on the simulated disk, and on a file of that
//! disk by the core's own file storage. The model is a list of all that was written.
//!
//! What is checked at every opening:
//!
//! - **Crashes alone**: the superblock opens as what was acknowledged last, or as what was under
//!   way when the power went or the process ended: whole, with its number, its parent and its
//!   store. After that it is what was acknowledged. It makes no difference whether the writes that
//!   crashed were flushed, a flush failed, the power stayed on, or crashes met the opening itself,
//!   however many.
//! - **Within the limits**, where no more copies are unsound at once than opening can spare,
//!   including those that were written since the last acknowledgement: the same. An attempt to open
//!   may fail if the device failed during that attempt; the next attempt then succeeds. A
//!   checkpoint fails only if the device did.
//! - **Beyond them**, once the device has lied since all was last known to be durable: it opens as
//!   something whole that was written at some time, or is an error. An earlier superblock is right,
//!   because a device that loses flushes leads back to it. After an error the device is formatted
//!   anew.
//! - **Formatting**: until it is acknowledged, an error is right, and so is the store that was
//!   there before.
//!
//! At every acknowledgement, in all of these: all copies hold it and none is damaged; and it is
//! durable, unless a flush was reported that was not done. Where nothing is wrong, nothing is
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

use downbeat::model::encoding::Header;
use downbeat::model::superblock::{COPIES, Operation, SCHEDULE, SECTOR};
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};

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
