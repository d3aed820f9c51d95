//! The seeded driver: this program itself, in a process of its own.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use downbeat::AnyTarget;
use downbeat::generator::Length;
use downbeat::project::Project;

use super::{Engine, Start};
use crate::observer::Observer;

pub(super) struct Seeded;

impl Engine for Seeded {
    fn name(&self) -> &'static str {
        "seeded"
    }

    fn build(
        &self,
        _project: &Project,
        _targets: &[&'static dyn AnyTarget],
        _observer: &mut dyn Observer,
        _stop: &AtomicBool,
    ) -> Result<()> {
        Ok(())
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut command = Command::new(program);
        command
            .args(["drive", start.target.name()])
            .args(["--seed", &start.seed.to_string()])
            .args(["--time", &format!("{}ms", start.time.as_millis())])
            .arg("--artifacts")
            .arg(start.artifacts);
        Ok(command)
    }

    fn has_corpus(&self) -> bool {
        false
    }

    fn ends_hangs(&self) -> bool {
        false
    }

    /// Input number `executions` of the seed.
    fn input_at_hand(&self, start: &Start<'_>, executions: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        start.target.generate(start.seed, executions, Length::Long, &mut bytes);
        Some(bytes)
    }
}
