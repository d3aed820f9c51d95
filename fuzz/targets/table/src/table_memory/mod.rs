//! Target `table_memory`: the two memtables of a tree. The model is lists of the put values,
//! ordered by age.
//!
//! Also checked: the run and the place of each value, and all counts; that these do not depend on
//! reads in between; and that every value of a compaction is counted as dropped or returned, at the
//! latest when the compaction ends.

mod beats;
mod compaction;
mod compare;
mod events;
mod reads;
mod scans;
mod states;
mod sweep;
mod tested;
mod world;
mod writes;

use downbeat::model::table_memory::Operation;
use downbeat::registry::{self, Listing};
use downbeat::states::StateGroup;
use downbeat::target::Target;
use downbeat::worlds::ByGeometry;

/// The target.
#[derive(Debug)]
pub struct TableMemory;

impl Target for TableMemory {
    const LISTING: Listing = registry::TABLE_MEMORY;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    type Operation = Operation;
    type World = ByGeometry<TableMemory>;
}
