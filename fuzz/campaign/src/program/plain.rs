//! The plain program of a target: no engine, no instrumentation. It needs nothing but Rust.

use std::sync::atomic::AtomicBool;

use anyhow::Result;
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use super::Program;
use crate::build::{self, Purpose, Speed};
use crate::observer::Observer;

/// Builds the program of a target, unless it is up to date, and opens it.
///
/// # Errors
///
/// Returns an error if the build fails, with what the compiler said.
pub fn build(
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Program> {
    build::program(Purpose::Plain, project, target, speed, observer, stop)
}
