//! Tests of grid, superblock, manifest log and checkpoint together, over a sound device in memory.
//! The fuzzing suite tests them on a simulated device with faults.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod blocks;
mod fixture;
mod forged;
mod format;
mod full;
mod growth;
mod log_fixture;
mod manifest_log;
mod manifest_log_damage;
mod manifest_log_refusals;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod random;
#[path = "../records/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod records;
mod refusals;
mod reopen;
mod room;
mod said;
mod superblock;
mod write_queue;
