//! Tests of merges, at their public API.

// The lint concerns whole crates only.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod loser_tree;
mod newest_first;
mod oldest_first;
#[path = "../random/mod.rs"]
mod random;
#[path = "../records/mod.rs"]
mod records;
mod refusals;
mod streams;
