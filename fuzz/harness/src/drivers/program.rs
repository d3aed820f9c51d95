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
    let number = |text: &str| text.parse().ok();
    let (seed, until, artifacts) = match arguments[..] {
        ["drive", seed, "--executions", count] => {
            (number(seed), number(count).map(Until::Executions), None)
        }
        ["drive", seed, time, artifacts] => {
            let time = number(time).map(Duration::from_millis);
            (number(seed), time.map(Until::Elapsed), Some(Path::new(artifacts)))
        }
        _ => (None, None, None),
    };
    let Some((seed, until)) = seed.zip(until) else { return usage(target) };
    drive(target, seed, until, artifacts).unwrap_or_else(|error| failed(target, &error))
}

/// Serves requests until standard input ends, if the variable `DOWNBEAT_SERVICE` is set. Returns
/// `None` otherwise.
#[must_use]
pub fn serve_if_asked(target: &'static dyn AnyTarget) -> Option<ExitCode> {
    std::env::var_os(SERVICE_VARIABLE)?;
    orphan::end_with_parent();
    let served = service::serve(target);
    Some(served.map_or_else(|error| failed(target, &error), |()| ExitCode::SUCCESS))
}

fn failed(target: &dyn AnyTarget, error: &io::Error) -> ExitCode {
    eprintln!("{}: {error}", target.name());
    ExitCode::from(2)
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
    let Some((input, failure)) = found else { return Ok(ExitCode::SUCCESS) };
    // The input may not fail again.
    eprintln!("{failure}");
    if let Some(folder) = artifacts {
        std::fs::write(folder.join(format!("crash-{}", corpus::name(&input))), &input)?;
    }
    Ok(ExitCode::FAILURE)
}
