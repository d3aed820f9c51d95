//! Tests of forests, at their public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

#[path = "../records/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod records;
mod refusals;
mod said;
mod tree_sets;
