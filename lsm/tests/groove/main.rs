//! Tests of a forest of two grooves against plain maps, at the public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod against_plain_maps;
mod conditions;
mod objects;
mod panics;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests draw 32 bits")]
mod random;
