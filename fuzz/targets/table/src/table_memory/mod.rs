//! Target `table_memory`: the two memtables of a tree. The model is lists of the put values,
//! ordered by age.
//!
//! Also checked:
//!
//! - The run and the place of each value, and all counts. Reads do not change these.
//! - When a compaction has ended, it has counted every value as dropped or as returned.

mod beats;
mod compaction;
mod events;
mod reads;
mod scans;
mod states;
mod sweep;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::table_memory::{BEATS, Operation, RECORD, USAGE, VALUES};

/// The target.
#[derive(Debug)]
pub struct TableMemory;

impl Target for TableMemory {
    const LISTING: Listing = registry::TABLE_MEMORY;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const GEOMETRY: &'static [usize] = &[USAGE, RECORD, VALUES, BEATS];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        of_records!(usage, size, R => Box::new(tested::Tested::<R>::new(geometry)))
    }
}
