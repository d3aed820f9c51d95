//! The entry points of the drivers. Each hands bytes to a runner and shares its figures.
//!
//! A driver's file here is all that knows the driver: how it calls, and how it is told of a
//! finding. Those that need a compiler of their own get a small package in `fuzz/drivers`.

pub mod libfuzzer;
pub mod seeded;

/// The variable that turns the canary on in a driver: any value.
pub const CANARY_VARIABLE: &str = "DOWNBEAT_CANARY";
