//! Tests of request logs, state machines and the durable service, at their public API.

mod demultiplexer;
mod echo;
mod log;
#[path = "../random/mod.rs"]
#[expect(dead_code, reason = "other tests draw 32 bits")]
mod random;
