//! Child processes in their own process groups.
//!
//! Ctrl-C in a terminal interrupts the whole foreground group. The children are not in that group,
//! so only this program is interrupted. This program then ends its children, and the processes that
//! they started.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit};

/// Time between two checks of a child.
const LOOK: Duration = Duration::from_millis(20);

/// Starts `command` in its own process group, with empty standard input.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    spawn_in_group(command.stdin(Stdio::null()))
}

/// Starts `command` in its own process group.
pub(crate) fn spawn_in_group(command: &mut Command) -> Result<Child> {
    command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// Limits the memory of a child to `bytes` of data, and disables core dumps. A child that allocates
/// more aborts. Must be called before the child runs inputs. If the limit cannot be set, the child
/// is ended.
pub(crate) fn bound_memory(child: &mut Child, bytes: u64) -> Result<()> {
    let bound = set_limits(child, bytes).context("cannot bound the memory of a process");
    if bound.is_err() {
        end(child);
    }
    bound
}

fn set_limits(child: &Child, bytes: u64) -> rustix::io::Result<()> {
    let pid = Pid::from_raw(child.id().cast_signed());
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // A limit on the address space would also count mappings that are never touched.
    let bytes = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    prlimit(pid, Resource::Data, limit(bytes))
        .and_then(|_| prlimit(pid, Resource::Core, limit(0)))
        .map(drop)
}

/// Ends a child and the processes that it started. Returns its exit status, unless the child was
/// waited for before.
pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
    signal(child, Signal::KILL);
    child.wait().ok()
}

/// Like [`end`], but first asks the child to end, and waits up to a second. The child may have
/// started processes in other groups, which [`end`] would not end.
pub(crate) fn end_in_order(child: &mut Child) {
    const MOMENT: Duration = Duration::from_secs(1);
    let start = Instant::now();
    interrupt(child);
    while matches!(child.try_wait(), Ok(None)) && start.elapsed() < MOMENT {
        std::thread::sleep(LOOK);
    }
    end(child);
}

/// Asks a child, and the processes that it started, to end.
pub(crate) fn interrupt(child: &Child) {
    signal(child, Signal::INT);
}

fn signal(child: &Child, signal: Signal) {
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        // Fails only if the group has already ended.
        let _ = kill_process_group(group, signal);
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Ran {
    /// It ended, with this text on standard error.
    Ended(ExitStatus, String),
    /// It exceeded its time limit.
    TooLong,
    /// The caller set `stop`.
    Stopped,
}

/// Runs `command` until it ends, `limit` has passed, or `stop` is set.
pub(crate) fn run(command: &mut Command, limit: Duration, stop: &AtomicBool) -> Result<Ran> {
    run_into(command, Stdio::null(), limit, stop)
}

/// Turns a failed command into an error with what it wrote to standard error.
pub(crate) fn finish(command: &Command, ran: Ran) -> Result<()> {
    match ran {
        Ran::Ended(status, _) if status.success() => Ok(()),
        Ran::Ended(_, said) => {
            let arguments: Vec<_> = command.get_args().map(|word| word.display()).collect();
            let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
            let program = command.get_program().display();
            bail!("{program} {} failed:\n{}", arguments.join(" "), said.trim_end())
        }
        Ran::TooLong | Ran::Stopped => bail!("interrupted"),
    }
}

/// Like [`run`], but writes the standard output of `command` to `stdout`.
pub(crate) fn run_into(
    command: &mut Command,
    stdout: impl Into<Stdio>,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Ran> {
    let mut child = spawn(command.stdout(stdout).stderr(Stdio::piped()))?;
    let mut stderr = child.stderr.take().expect("the pipe was requested");
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        // Output that cannot be read is left out.
        let _ = stderr.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("cannot ask for a child's status")? {
            let said = reader.join().expect("a reader does not panic");
            return Ok(Ran::Ended(status, said));
        }
        let stopped = stop.load(Ordering::Relaxed);
        if stopped || start.elapsed() > limit {
            end(&mut child);
            return Ok(if stopped { Ran::Stopped } else { Ran::TooLong });
        }
        std::thread::sleep(LOOK);
    }
}

/// The last line of a text that is not empty; an empty text if there is none.
pub(crate) fn last_line(said: &str) -> &str {
    said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("")
}
