//! The entry points of the drivers. Each hands bytes to a runner and shares its figures.
//!
//! All but the seeded one call [`execute`] for every input; how they call, and how they are told
//! of a finding, is all that differs. Those that need a compiler of their own have a small package
//! in `fuzz/drivers`, and bolero's is `fuzz/props`.

mod execution;
pub mod libfuzzer;
pub mod seeded;

pub use execution::{execute, open, prepare};

/// The variable that turns the canary on in a driver: any value.
pub const CANARY_VARIABLE: &str = "DOWNBEAT_CANARY";
