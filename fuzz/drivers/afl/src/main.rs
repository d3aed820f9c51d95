//! Every target under AFL++: `afl-fuzz ... -- downbeat-afl TARGET`.
//!
//! One process runs inputs for as long as none fails; a panic aborts it, which AFL++ takes for a
//! crash. Run by hand, it runs the input on standard input. Built without `cargo afl build`, which sets
//! `fuzzing`, the program says so and ends.

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
