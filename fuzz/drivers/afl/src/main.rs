//! Runs every target under AFL++: `afl-fuzz ... -- downbeat-afl TARGET`.
//!
//! The process runs inputs until one fails. A panic aborts the process, and AFL++ reports a crash.
//! Started without AFL++, the program runs the input on standard input. If it was not built by
//! `cargo afl build`, which sets `fuzzing`, the program prints that and ends with exit status 2.

#[cfg(fuzzing)]
mod persistent;

use std::process::ExitCode;

#[cfg(fuzzing)]
use persistent::drive;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(target) = downbeat_targets::find_target(&name) else {
        eprintln!("downbeat-afl: unknown target \"{name}\"; name one of `downbeat list`");
        return ExitCode::from(2);
    };
    drive(target)
}

#[cfg(not(fuzzing))]
fn drive(target: &dyn downbeat::AnyTarget) -> ExitCode {
    let target = target.name();
    eprintln!(
        "downbeat-afl: built without AFL++; try \"cargo downbeat fuzz {target} --driver afl\""
    );
    ExitCode::from(2)
}
