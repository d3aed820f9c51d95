//! The entry points of the drivers, and the program of a target.
//!
//! Every driver but the seeded one calls [`execute`] for each input. Drivers differ in how they call
//! it, and in how they are told of a finding. Those that need a compiler of their own have a small
//! package in `fuzz/drivers`; bolero's is `fuzz/props`.

mod execution;
pub mod libfuzzer;
mod orphan;
pub mod program;
pub mod seeded;
mod service;

pub use execution::{execute, open, prepare};
