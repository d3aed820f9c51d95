//! Campaigns: run drivers as child processes, watch them, and file their findings.
//!
//! | module | contents |
//! |---|---|
//! | [`adapters`] | engines of others, behind a trait |
//! | [`campaign`] | runs a driver on a target for some time, from start to summary |
//! | [`corpus`] | gathers, sifts, merges, minimizes and migrates folders of inputs |
//! | [`coverage`] | measures how much of the core the corpora cover |
//! | [`doctor`] | says which drivers work on this machine |
//! | [`driver`] | the parts that differ between drivers: build, command line, log |
//! | [`encoding_of`] | says in which version of the encoding the inputs of a folder are |
//! | [`finding`] | shrinks a failing input, reports it, and files it once for each identity |
//! | [`history`] | records the figures of a campaign over time |
//! | [`judge`] | judges inputs in a separate process |
//! | [`inputs`] | reads inputs from files and folders, as bytes or text |
//! | [`mutants`] | tries whether the suite notices small changes of the core |
//! | [`observer`] | receives the progress of a campaign |
//! | [`outside`] | writes a repository for an engine |
//! | [`parts`] | measures what each part of a driver brings |
//! | [`planted`] | plants bugs in a copy of the checkout, and measures which driver finds them |
//! | [`rediscover`] | finds known bugs of engines in released versions again |
//! | [`report`] | makes an HTML page from histories, findings, planted bugs and coverage |
//! | [`soak`] | campaigns on several targets for hours, in slices |
//! | [`sweep`] | repeats every input with a power loss or a failure at each I/O |
//! | [`tools`] | programs that cargo installs into the build folder |
//!
//! This crate prints nothing and parses no command lines; `downbeat-cli` does both.

#![forbid(unsafe_code)]
#![allow(clippy::question_mark, reason = "the derive macro `DeJson` writes such code")]

pub mod adapters;
pub mod build;
pub mod campaign;
pub mod corpus;
pub mod coverage;
mod cpu;
pub mod divergence;
pub mod doctor;
pub mod driver;
pub mod encoding_of;
mod failing_input;
pub mod finding;
mod folder;
mod harvest;
pub mod history;
pub mod inputs;
pub mod instrument;
mod job;
pub mod judge;
pub mod mutants;
pub mod observer;
pub mod outside;
pub mod parts;
pub mod planted;
mod process;
pub mod program;
pub mod rediscover;
pub mod report;
mod running;
mod sample;
pub mod soak;
mod space;
mod stale;
pub mod statistics;
pub mod sweep;
pub mod tether;
pub mod tools;

pub use campaign::{Campaign, End, Options, Summary};
pub use driver::{DRIVERS, Driver, LIBFUZZER, SEEDED};
pub use finding::Finding;
pub use observer::{Observer, Snapshot};
pub use program::Program;
pub use sample::sample;
