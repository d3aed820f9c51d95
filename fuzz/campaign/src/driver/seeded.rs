//! The seeded driver: the plain program of the target, which generates inputs from a seed.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use super::{Driver, Start};
use crate::build::{self, Speed};
use crate::observer::Observer;
use crate::program::Program;

pub(super) struct Seeded;

impl Driver for Seeded {
    fn name(&self) -> &'static str {
        "seeded"
    }

    fn build(
        &self,
        project: &Project,
        target: &'static Listing,
        speed: Speed,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program> {
        build::plain_program(project, target, speed, observer, stop)
    }

    fn runs_adapters(&self) -> bool {
        true
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        let mut command = start.target.command();
        command
            .args(["drive", &start.seed.to_string(), &start.time.as_millis().to_string()])
            .arg(start.artifacts);
        Ok(command)
    }

    fn has_corpus(&self) -> bool {
        false
    }

    fn ends_hangs(&self) -> bool {
        false
    }

    /// With the limit, an input that takes too much memory ends the process, as under libFuzzer,
    /// and does not exhaust the memory of the machine.
    fn needs_memory_bound(&self) -> bool {
        true
    }

    /// Generates input number `executions` of the seed again. Inputs are numbered from 0.
    fn input_at_hand(&self, start: &Start<'_>, executions: u64) -> Option<Vec<u8>> {
        Some(start.target.generate(None, start.seed, executions).ok()?.bytes)
    }
}
