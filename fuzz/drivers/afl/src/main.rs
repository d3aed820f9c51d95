//! Every target under AFL++: `afl-fuzz ... -- downbeat-afl TARGET`.
//!
//! One process runs inputs for as long as none fails; a panic aborts it, which AFL++ takes for a
//! crash. Run by hand, it runs the input on standard input.

use std::process::ExitCode;

#[cfg(fuzzing)]
use downbeat::drivers;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(target) = downbeat::find_target(&name) else {
        eprintln!("downbeat-afl: unknown target \"{name}\"; name one of `downbeat list`");
        return ExitCode::from(2);
    };
    drive(target.name())
}

#[cfg(fuzzing)]
fn drive(target: &'static str) -> ExitCode {
    // Before AFL++ forks: a process that replaces another is prepared, too.
    drivers::prepare(target);
    afl::fuzz(true, |input| {
        drivers::open(target, input);
        discard_coverage();
        drivers::execute(target, input);
    });
    ExitCode::SUCCESS
}

/// What was covered so far is not this input's: AFL++ runs inputs again, and calls one unstable whose
/// coverage depends on the input before.
#[cfg(fuzzing)]
fn discard_coverage() {
    #[expect(unsafe_code, reason = "AFL++'s runtime offers it to C alone")]
    unsafe extern "C" {
        safe fn __afl_coverage_discard();
    }
    __afl_coverage_discard();
}

#[cfg(not(fuzzing))]
fn drive(target: &'static str) -> ExitCode {
    eprintln!(
        "downbeat-afl: built without AFL++; try \"cargo downbeat fuzz {target} --driver afl\""
    );
    ExitCode::from(2)
}
