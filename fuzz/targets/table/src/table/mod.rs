//! Target `table`: tables on disk that are built, read by key and by range, damaged and forged.
//!
//! There is no device: the sealed blocks of the newest four tables stay in memory.
//!
//! Also checked:
//!
//! - Every byte of a block is as the format says, whatever bytes its buffer had before.
//! - A damaged byte is noticed.
//! - If a block is forged, so that its checksum is right, a reader returns an error, no record, or
//!   a record with the requested key. A verification notices every contradiction.

mod buffers;
mod building;
mod built;
mod compare;
mod events;
mod forging;
mod lookups;
mod scans;
mod states;
mod tables;
mod verifying;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::table::{Geometry, Operation, RECORD};

/// The target.
#[derive(Debug)]
pub struct Table;

impl Target for Table {
    const LISTING: Listing = registry::TABLE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const GEOMETRY: &'static [usize] = &[RECORD];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let size = Geometry::of(geometry).record_size as u32;
        of_records!(general, size, R => Box::new(tables::Tables::<R>::new()))
    }
}
