//! Tables: in memory, on disk, merged.
//!
//! Each target is a module behind a feature of the same name, so a build compiles only the targets
//! that it needs.

#[cfg(feature = "merge")]
pub mod merge;
#[cfg(feature = "table")]
pub mod table;
#[cfg(feature = "table_memory")]
pub mod table_memory;

downbeat::targets! {
    "merge" MERGE merge::Merge;
    "table_memory" TABLE_MEMORY table_memory::TableMemory;
    "table" TABLE table::Table;
}
