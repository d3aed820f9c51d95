//! The loop that AFL++ drives.
//!
//! AFL++ repeats inputs, and calls an input unstable if its coverage differs. Therefore a world
//! grows to its full size before the first input, and the coverage of opening it is discarded. The
//! stability is then 100 %.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use downbeat::{AnyTarget, drivers};

/// Runs inputs of `target` until AFL++ has no more.
pub(crate) fn drive(target: &'static dyn AnyTarget) -> ExitCode {
    if std::env::args().nth(2).as_deref() == Some(PREPARE) {
        drivers::prepare(target);
        return ExitCode::SUCCESS;
    }
    // Before AFL++ forks, so that every forked process is prepared.
    if std::env::var_os(AFL_VARIABLE).is_some() && can_prepare(target.name()) {
        drivers::prepare(target);
    }
    afl::fuzz(true, |input| {
        drivers::open(target, input);
        discard_coverage();
        downbeat_guards::count(&drivers::execute(target, input));
    });
    ExitCode::SUCCESS
}

/// A variable that AFL++ sets for the programs that it runs.
const AFL_VARIABLE: &str = "__AFL_SHM_ID";

/// The argument that makes the program prepare and end.
const PREPARE: &str = "prepare";

/// Calls [`drivers::prepare`] in another process, and returns whether that process ends without a
/// hang or a crash. If not, the caller does not prepare, and AFL++ finds the failing input.
fn can_prepare(target: &str) -> bool {
    const TIME: Duration = Duration::from_secs(3);
    let Ok(program) = std::env::current_exe() else { return false };
    let mut command = Command::new(program);
    // The process does not belong to AFL++.
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
    // Fails only if the child has just ended.
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Discards the coverage so far, which does not belong to the next input.
fn discard_coverage() {
    #[expect(unsafe_code, reason = "AFL++'s runtime has only an interface for C")]
    // SAFETY: the function is part of AFL++'s runtime, takes nothing and returns nothing. It clears
    // a map that only this thread writes.
    unsafe extern "C" {
        safe fn __afl_coverage_discard();
    }
    __afl_coverage_discard();
}
