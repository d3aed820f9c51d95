//! The entry point of libFuzzer: one call an execution.
//!
//! A finding is a panic; libfuzzer-sys turns it into an abort, and libFuzzer writes the input.

pub use super::execution::execute;
