//! Tables: in memory, on disk, merged.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(feature = "merge")]
pub mod merge;
#[cfg(feature = "table")]
pub mod table;
#[cfg(feature = "table_memory")]
pub mod table_memory;

/// The target `merge`.
#[cfg(feature = "merge")]
pub static MERGE: &dyn downbeat::AnyTarget = &downbeat::Entry::<merge::Merge>::ROW;

/// The target `table_memory`.
#[cfg(feature = "table_memory")]
pub static TABLE_MEMORY: &dyn downbeat::AnyTarget =
    &downbeat::Entry::<table_memory::TableMemory>::ROW;

/// The target `table`.
#[cfg(feature = "table")]
pub static TABLE: &dyn downbeat::AnyTarget = &downbeat::Entry::<table::Table>::ROW;
