//! The seeded driver: this program itself, in a process of its own.

use std::process::Command;

use anyhow::{Context, Result};
use downbeat::AnyTarget;
use downbeat::generator::Length;

use super::Start;

pub(super) fn command(start: &Start<'_>) -> Result<Command> {
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

/// Input number `number` of `seed`: what the driver was at after so many executions.
pub(super) fn input(target: &dyn AnyTarget, seed: u64, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    target.generate(seed, number, Length::Long, &mut bytes);
    bytes
}
