//! Target `table_memory`: the two memtables of a tree. The model is lists of what was put, in the
//! order of age.
//!
//! What must hold beyond the answers: which values are in which run, in which place, and every
//! number that is counted of them; that none of it depends on what was read in between; and that
//! every value which compaction goes through is counted as dropped or given, at the latest when it
//! ends.

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

use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::table_memory::{BEATS, Operation, RECORD, USAGE, VALUES};
use downbeat::model::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};

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
