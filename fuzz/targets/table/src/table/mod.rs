//! Target `table`: tables on disk that are built, read by key and by range, damaged and forged.
//!
//! There is no device: blocks are sealed and stay in memory, until their table is the oldest of
//! five.
//!
//! Also checked: every byte of a block is as the format says, whatever its buffer held before; a
//! damaged byte is noticed; when a byte is forged, so that the checksum is right, readers notice it
//! or return some record with the requested key, and a verification notices every contradiction.

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
