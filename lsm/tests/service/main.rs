//! Tests of request logs, state machines and the durable service, at their public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod demultiplexer;
mod durable_files;
mod durable_store;
mod durable_store_refusals;
mod echo;
mod echo_jobs;
#[path = "../frail/mod.rs"]
mod frail;
mod full;
mod log;
mod log_damage;
mod log_layout;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests draw 32 bits")]
mod random;
mod said;
