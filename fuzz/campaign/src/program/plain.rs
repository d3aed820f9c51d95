//! The plain program of a target, without an engine and instrumentation. It needs only Rust.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use super::Program;
use crate::build::Speed;
use crate::observer::Observer;
use crate::tools;

/// Builds the program of a target, unless it is up to date, and opens it.
///
/// # Errors
///
/// Returns an error with the output of the compiler if the build fails.
pub fn build(
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Program> {
    let mut command = command(project, target, speed);
    let what = format!("building {}", target.name);
    crate::build::program(&mut command, &what, "plain", (target, project, speed), observer, stop)
}

/// The command that builds the program of a target: it compiles no other target.
fn command(project: &Project, target: &Listing, speed: Speed) -> Command {
    let mut command = tools::cargo(project);
    command
        .args([
            "build",
            "--profile",
            speed.profile(),
            "--package",
            "downbeat-fuzz",
            "--no-default-features",
        ])
        .args(["--features", &format!("downbeat-targets/{}", target.name)])
        .args(["--bin", target.name, "--target-dir"])
        .arg(project.build());
    command
}
