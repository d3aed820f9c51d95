//! Tables: in memory, on disk, merged.

pub mod merge;
pub mod table;
pub mod table_memory;

downbeat::targets! {
    "merge" MERGE merge::Merge;
    "table_memory" TABLE_MEMORY table_memory::TableMemory;
    "table" TABLE table::Table;
}
