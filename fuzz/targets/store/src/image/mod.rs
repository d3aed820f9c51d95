//! Target `image`: a store on a device whose bytes are changed: fields of every structure, whole
//! blocks and copies of the superblock, with the checksums made valid again or not. Then the store is
//! opened, read whole, and written to.
//!
//! The model reads the same bytes as the page of the file format says. Checked:
//!
//! - Opening succeeds if the image is valid, and is refused if it is not.
//! - Right after opening, every get and scan gives the records of the image, or names the block that
//!   is wrong.
//! - If no checksum was made valid, the answers are those before the change, or errors that name a
//!   changed block.
//! - Beats may fail because tables contradict each other. The records of an image without
//!   contradictions, and everything that was put since it was opened, stay as they are.
//! - A store that wrote a checkpoint opens again, with everything that the checkpoint holds.
//! - Every call makes a limited number of operations of the device, and none panics.

mod device;
mod events;
mod opening;
mod reads;
mod states;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::image::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, CACHE, COPIES, GROWTH, INTERVAL, LEVELS, Operation, RECORD,
    SECTOR, Sizes, USAGE,
};

/// The target.
#[derive(Debug)]
pub struct Image;

impl Target for Image {
    const LISTING: Listing = registry::IMAGE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const GEOMETRY: &'static [usize] = &[
        RECORD, BLOCK, SECTOR, BATCH, BAR, GROWTH, LEVELS, INTERVAL, COPIES, CACHE, AHEAD, BLOCKS,
        USAGE,
    ];
    /// A world takes up to about a megabyte.
    const KEPT: usize = 64;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = Sizes::of(geometry).record;
        of_records!(usage, size, R => Box::new(tested::Tested::<R>::new(geometry)))
    }
}
