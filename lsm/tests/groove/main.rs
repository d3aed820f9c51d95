//! Tests of grooves in a forest, at their public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod accounts;
mod against_plain_maps;
mod conditions;
mod derived;
mod entries_without_objects;
mod errors;
mod failed_beats;
mod fields;
#[path = "../frail/mod.rs"]
mod frail;
mod identity;
mod key_widths;
mod objects;
mod panics;
mod prefetch;
mod prefetch_under_way;
mod queries;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests draw 32 bits")]
mod random;
mod said;
mod sizes;
mod taken_keys;
