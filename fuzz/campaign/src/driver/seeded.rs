//! The seeded driver: this program itself, in a process of its own.

use std::process::Command;

use anyhow::{Context, Result};

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
