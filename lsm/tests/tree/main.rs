//! Tests of a store of one tree, at its public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod against_a_plain_map;
mod batches;
mod by_hand;
mod checkpoints;
mod closed;
mod damage;
mod during_beats;
mod files;
#[path = "../frail/mod.rs"]
mod frail;
mod giving_up;
mod large_load;
mod lookups;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests draw 32 bits")]
mod random;
mod records;
mod refusals;
mod scans;
mod stores;
mod table_counts;
mod tickets;
mod traps;
mod turns;
mod verification;
