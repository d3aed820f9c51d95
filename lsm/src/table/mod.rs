//! Sorted runs of records.
//!
//! - [`memory`]: in memory, as they are written.
//!
//! What this does not do: it does not know which tables there are; the manifest does.

pub mod memory;
