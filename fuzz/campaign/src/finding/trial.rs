//! The first run of a failing input, in a process of its own: it may hang, or end its process.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat::drivers::CANARY_VARIABLE;
use downbeat::{AnyTarget, Failure};

use super::FailureKind;
use crate::driver::HANG;
use crate::process::{self, Ran};

/// What a first run came to.
pub(super) enum Trial {
    /// It fails with a verdict: this process can run it, too.
    FailsHere,
    /// It does not, or must not be run here.
    Otherwise(Failure),
}

/// Runs the input in the file at `path`, unless its driver said that it hangs or takes the memory.
pub(super) fn judge(
    target: &'static dyn AnyTarget,
    path: &Path,
    kind: FailureKind,
    canary: bool,
    stop: &AtomicBool,
) -> Result<Trial> {
    let failure = |check: &str, what: String| {
        Ok(Trial::Otherwise(Failure::without_verdict(target.name(), check, what)))
    };
    let hang = || failure("hang", format!("one input takes more than {} s", HANG.as_secs()));
    match kind {
        FailureKind::Crash => {}
        FailureKind::Hang => return hang(),
        FailureKind::Memory => return failure("memory", "one input takes too much memory".into()),
    }
    let program = std::env::current_exe().context("this program cannot find itself")?;
    let mut command = Command::new(program);
    command.args(["judge", target.name()]).arg(path).env_remove(CANARY_VARIABLE);
    if canary {
        command.env(CANARY_VARIABLE, "1");
    }
    match process::run(&mut command, HANG + Duration::from_secs(1), stop)? {
        Ran::Ended(status, _) if status.code() == Some(1) => Ok(Trial::FailsHere),
        Ran::Ended(status, _) if status.success() => failure(
            "not-repeated",
            "an input that failed in the driver passes on a new world".to_owned(),
        ),
        Ran::Ended(status, said) => {
            let why = match status.signal() {
                Some(signal) => format!("signal {signal}"),
                None => status.to_string(),
            };
            let said = process::last_line(&said);
            failure("abort", format!("one input ends the process ({why}; {said})"))
        }
        Ran::TooLong => hang(),
        Ran::Stopped => failure("interrupted", "an input that failed in the driver".to_owned()),
    }
}
