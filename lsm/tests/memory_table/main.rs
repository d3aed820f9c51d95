//! Tests of the memtables, at their public API.

// The lint concerns whole crates only.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod memory;
mod memory_against_a_plain_list;
mod memory_options;
mod memory_refusals;
mod memory_scopes;
#[path = "../random/mod.rs"]
mod random;
#[path = "../records/mod.rs"]
mod records;
mod tables;
