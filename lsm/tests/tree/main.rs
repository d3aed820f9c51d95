//! The behaviour of a store of one tree, at its public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod against_a_plain_map;
#[path = "../random/mod.rs"]
mod random;
mod records;
