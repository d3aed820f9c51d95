//! The loop that AFL++ drives.
//!
//! AFL++ runs inputs again, and calls one unstable whose coverage then differs. So a world is grown
//! before any input is run, and what opening it covers is discarded: stability is 100 %.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use downbeat::{AnyTarget, drivers};

/// Runs inputs of `target` until AFL++ has no more.
pub(crate) fn drive(target: &'static dyn AnyTarget) -> ExitCode {
    if std::env::args().nth(2).as_deref() == Some(PREPARE) {
        drivers::prepare(target);
        return ExitCode::SUCCESS;
    }
    // Before AFL++ forks: a process that replaces another is prepared, too.
    if std::env::var_os(AFL_VARIABLE).is_some() && can_prepare(target.name()) {
        drivers::prepare(target);
    }
    afl::fuzz(true, |input| {
        drivers::open(target, input);
        discard_coverage();
        drivers::execute(target, input);
    });
    ExitCode::SUCCESS
}

/// What AFL++ sets in the environment of the programs that it runs.
const AFL_VARIABLE: &str = "__AFL_SHM_ID";

/// The argument that makes the program prepare and end.
const PREPARE: &str = "prepare";

/// Whether the inputs of [`drivers::prepare`] do not hang and do not end the process; tried in another.
/// If they do, AFL++ shall start all the same, and find it.
fn can_prepare(target: &str) -> bool {
    const TIME: Duration = Duration::from_secs(3);
    let Ok(program) = std::env::current_exe() else { return false };
    let mut command = Command::new(program);
    // It is none of AFL++'s processes.
    command.args([target, PREPARE]).env_remove(AFL_VARIABLE).stdin(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let start = Instant::now();
    while start.elapsed() < TIME {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            ended => {
                return ended.is_ok_and(|status| status.is_some_and(|status| status.success()));
            }
        }
    }
    // Fails only for a child that has just ended.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// What was covered so far is not this input's.
fn discard_coverage() {
    #[expect(unsafe_code, reason = "AFL++'s runtime offers it to C alone")]
    // SAFETY: it is the runtime's, takes nothing and gives nothing back; it clears a map that only this
    // thread writes.
    unsafe extern "C" {
        safe fn __afl_coverage_discard();
    }
    __afl_coverage_discard();
}
