//! Campaigns: drivers as child processes, watched, and what they find, filed.
//!
//! | module | what is there |
//! |---|---|
//! | [`campaign`] | one driver on one target for a time, from start to summary |
//! | [`corpus`] | folders of inputs: gathered, sifted, merged, made small |
//! | [`coverage`] | what of the core corpora reach |
//! | [`driver`] | what is particular to each driver: its build, its command line, its log |
//! | [`finding`] | a failing input: shrunk, reported, filed once an identity |
//! | [`judge`] | a process that judges inputs, whatever they do to it |
//! | [`inputs`] | inputs in files and folders, bytes or text |
//! | [`observer`] | who is told what happens |
//! | [`planted`] | bugs planted in a copy of the checkout, and which driver finds them |
//! | [`sweep`] | every I/O of every input loses the power, or fails |
//! | [`tools`] | programs that cargo installs into the build folder |
//!
//! What it does not do: print, or parse command lines.

#![forbid(unsafe_code)]

pub mod build;
pub mod campaign;
pub mod corpus;
pub mod coverage;
mod cpu;
pub mod divergence;
pub mod driver;
mod failing_input;
pub mod finding;
mod harvest;
pub mod inputs;
pub mod instrument;
mod job;
pub mod judge;
pub mod observer;
pub mod planted;
mod process;
pub mod program;
mod running;
pub mod statistics;
pub mod sweep;
pub mod tether;
pub mod tools;

pub use campaign::{Campaign, End, Options, Summary};
pub use driver::{DRIVERS, Driver, LIBFUZZER, SEEDED};
pub use finding::Finding;
pub use observer::{Observer, Snapshot};
pub use program::Program;
