//! Child processes in groups of their own.
//!
//! Ctrl-C in a terminal goes to the whole foreground group. Children are not in it: this program alone
//! hears of the interruption, decides what it means, and ends its children itself, with all that they
//! started.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit};

/// Time between two looks at a child.
const LOOK: Duration = Duration::from_millis(20);

/// Starts `command`, with nothing to read, in a group of its own.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    spawn_in_group(command.stdin(Stdio::null()))
}

/// Starts `command` in a group of its own.
pub(crate) fn spawn_in_group(command: &mut Command) -> Result<Child> {
    command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// Bounds what a child may take of memory, and leaves no core dump of it: `bytes` of data. What asks for
/// more aborts. The child must not have begun to run inputs.
pub(crate) fn bound_memory(child: &Child, bytes: u64) -> Result<()> {
    let pid = Pid::from_raw(child.id().cast_signed());
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // A limit on the address space would count mappings that nothing touches.
    let bytes = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    prlimit(pid, Resource::Data, limit(bytes))
        .and_then(|_| prlimit(pid, Resource::Core, limit(0)))
        .context("cannot bound the memory of a process")?;
    Ok(())
}

/// Ends a child and what it started; how it ended, if it was not waited for before.
pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
    signal(child, Signal::KILL);
    child.wait().ok()
}

/// As [`end`], but first asks, and waits for a moment: a child may have started others in groups of
/// their own, which only it can end.
pub(crate) fn end_in_order(child: &mut Child) {
    const MOMENT: Duration = Duration::from_secs(1);
    let start = Instant::now();
    interrupt(child);
    while matches!(child.try_wait(), Ok(None)) && start.elapsed() < MOMENT {
        std::thread::sleep(LOOK);
    }
    end(child);
}

/// Asks a child, and what it started, to end.
pub(crate) fn interrupt(child: &Child) {
    signal(child, Signal::INT);
}

fn signal(child: &Child, signal: Signal) {
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        // Fails only for a group that has ended by itself, which is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}

/// How a command ended that was waited for.
#[derive(Debug)]
pub(crate) enum Ran {
    /// By itself; with what it said on standard error.
    Ended(ExitStatus, String),
    /// It took longer than it may.
    TooLong,
    /// It was told to stop.
    Stopped,
}

/// Runs `command` to its end, for `limit` at most, unless `stop` is set.
pub(crate) fn run(command: &mut Command, limit: Duration, stop: &AtomicBool) -> Result<Ran> {
    run_into(command, Stdio::null(), limit, stop)
}

/// The same with its standard output somewhere.
pub(crate) fn run_into(
    command: &mut Command,
    stdout: impl Into<Stdio>,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Ran> {
    let mut child = spawn(command.stdout(stdout).stderr(Stdio::piped()))?;
    let mut stderr = child.stderr.take().expect("it was asked for");
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read was not said.
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

/// The last line that says something.
pub(crate) fn last_line(said: &str) -> &str {
    said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("")
}
