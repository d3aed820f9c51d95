//! Target `image`: opens and uses a store on a device whose bytes were changed.
//!
//! The target changes fields of every structure, whole blocks, and copies of the superblock. It may
//! make the checksums valid again. Then it opens the store, reads all of it, and writes to it.
//!
//! The model reads the same bytes according to the documentation of the file format. The target
//! checks:
//!
//! - The store opens a valid image, and refuses an invalid one.
//! - Right after the opening, every get and scan returns the records of the image, or an error that
//!   names the invalid block. A verification finds every invalid block, and no other.
//! - Damage with stale checksums changes no record: a read returns the record from before the
//!   change, or an error that names a changed block.
//! - A beat may fail if tables contradict each other. If they do not, beats keep all records: those
//!   of the image, and those that were written since the opening.
//! - After a checkpoint, the store opens again with everything that the checkpoint contains.
//! - Every call submits a limited number of operations to the device, and no call panics.

mod device;
mod events;
mod opening;
mod reads;
mod states;
mod tested;
mod verification;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::image::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, CACHE, COPIES, GROWTH, INTERVAL, LEVELS, Operation, RECORD,
    SECTOR, USAGE, sizes,
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
    /// Few worlds are kept, because a world takes up to about a megabyte.
    const KEPT: usize = 64;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = sizes(geometry).record;
        of_records!(usage, size, R => Box::new(tested::Tested::<R>::new(geometry)))
    }
}
