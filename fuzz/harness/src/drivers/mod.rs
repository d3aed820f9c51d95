//! The entry points of the drivers, and the program of a target.
//!
//! Every driver except the seeded driver calls [`execute`] for each input. Drivers differ in how
//! they call it, and in how they learn of a finding. A driver that needs a compiler of its own has
//! a small package in `fuzz/drivers`; that of bolero is `fuzz/props`.

pub mod afl;
mod execution;
pub mod libfuzzer;
mod orphan;
mod pending;
pub mod program;
pub mod seeded;
mod service;

pub use execution::{execute, open, prepare};
