//! The loop that AFL++ drives.
//!
//! AFL++ repeats inputs, and calls an input unstable if its coverage differs. Therefore a world
//! grows to its full size before the first input, and the coverage of opening it is discarded. The
//! stability is then 100 %.

use std::os::unix::process::parent_id;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use downbeat::{AnyTarget, drivers};
#[cfg(target_os = "linux")]
use rustix::process::{Signal, set_parent_process_death_signal};

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
    let server = std::process::id();
    // The first run of a process that AFL++ forks.
    let ended = Once::new();
    afl::fuzz(true, |input| {
        ended.call_once(|| end_with(server));
        drivers::open(target, input);
        discard_coverage();
        downbeat_guards::count(&drivers::execute(target, input));
    });
    ExitCode::SUCCESS
}

/// Makes the system end this process when the process with the id `server` ends, which forked this
/// one. AFL++ stops a process between two runs, and a stopped process would stay for ever if AFL++
/// was killed.
fn end_with(server: u32) {
    // Without AFL++, the program does not fork.
    if server == std::process::id() {
        return;
    }
    #[cfg(target_os = "linux")]
    set_parent_process_death_signal(Some(Signal::KILL)).expect("the request is valid");
    // The server may have ended before the request.
    if parent_id() != server {
        std::process::exit(1);
    }
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
