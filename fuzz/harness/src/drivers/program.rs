//! The program of a target. `downbeat` starts it for all work on the target.
//!
//! ```text
//! tree                             with the variable DOWNBEAT_SERVICE: serves requests
//! tree drive SEED TIME ARTIFACTS   the seeded driver, for TIME milliseconds
//! tree drive SEED --executions N   the seeded driver, for N executions
//! ```
//!
//! Users do not call this program; `downbeat` reads their command lines.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::seeded::{self, Until};
use super::{orphan, service};
use crate::counters::{self, Counters};
use crate::protocol::{CANARY_VARIABLE, SERVICE_VARIABLE};
use crate::{AnyTarget, corpus};

/// Runs the program of `target` until it ends.
#[must_use]
pub fn main(target: &'static dyn AnyTarget) -> ExitCode {
    if let Some(status) = serve_if_asked(target) {
        return status;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match arguments[..] {
        ["drive", seed, "--executions", count] => match (seed.parse(), count.parse()) {
            (Ok(seed), Ok(count)) => drive(target, seed, Until::Executions(count), None),
            _ => return usage(target),
        },
        ["drive", seed, time, artifacts] => match (seed.parse(), time.parse()) {
            (Ok(seed), Ok(time)) => {
                let until = Until::Elapsed(Duration::from_millis(time));
                drive(target, seed, until, Some(Path::new(artifacts)))
            }
            _ => return usage(target),
        },
        _ => return usage(target),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("{}: {error}", target.name());
        ExitCode::from(2)
    })
}

/// Serves requests until standard input ends, if the environment asks for it. Returns `None`
/// otherwise.
#[must_use]
pub fn serve_if_asked(target: &'static dyn AnyTarget) -> Option<ExitCode> {
    std::env::var_os(SERVICE_VARIABLE)?;
    orphan::end_with_parent();
    Some(match service::serve(target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", target.name());
            ExitCode::from(2)
        }
    })
}

fn usage(target: &dyn AnyTarget) -> ExitCode {
    let name = target.name();
    eprintln!("{name}: started by \"cargo downbeat\"; try \"cargo downbeat fuzz {name}\"");
    ExitCode::from(2)
}

fn drive(
    target: &dyn AnyTarget,
    seed: u64,
    until: Until,
    artifacts: Option<&Path>,
) -> io::Result<ExitCode> {
    orphan::end_with_parent();
    let counters = std::env::var_os(counters::VARIABLE);
    let counters = counters.map(|path| Counters::open(Path::new(&path))).transpose()?;
    let canary = std::env::var_os(CANARY_VARIABLE).is_some();
    let seeded::Outcome { figures, found } = seeded::drive(target, seed, until, canary, counters);
    println!(
        "executions {} steps {} effective {}",
        figures.executions, figures.steps, figures.effective
    );
    let Some(input) = found else { return Ok(ExitCode::SUCCESS) };
    if let Some(folder) = artifacts {
        std::fs::write(folder.join(format!("crash-{}", corpus::name(&input))), &input)?;
    }
    Ok(ExitCode::FAILURE)
}
