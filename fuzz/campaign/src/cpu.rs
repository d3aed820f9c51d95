//! CPU time of all child processes and their descendants.
//!
//! CPU time measures a search fairly even if the machine has other work. The time of every child
//! process is included, so the caller must start no other processes while it measures a limit. The
//! time of a process that outlives its parent is not counted.
//!
//! The measured time never decreases, although processes end between two measurements.

use std::io;
use std::time::Duration;

use anyhow::{Context, Result};

/// A limit of CPU time, measured from a start.
#[derive(Debug)]
pub(crate) struct CpuLimit {
    limit: Duration,
    before: Duration,
    used: Duration,
}

impl CpuLimit {
    /// Starts to measure with a limit.
    pub(crate) fn start(limit: Duration) -> Result<Self> {
        Ok(CpuLimit { limit, before: total()?, used: Duration::ZERO })
    }

    /// The CPU time that children have used since the start.
    pub(crate) fn used(&mut self) -> Result<Duration> {
        self.used = self.used.max(total()?.saturating_sub(self.before));
        Ok(self.used)
    }

    /// Whether the limit is reached.
    pub(crate) fn is_over(&mut self) -> Result<bool> {
        Ok(self.used()? >= self.limit)
    }
}

fn total() -> Result<Duration> {
    of_children().context("cannot measure the CPU time of child processes")
}

/// The CPU time of all descendants since this process started, including those that have ended.
#[cfg(target_os = "linux")]
fn of_children() -> io::Result<Duration> {
    // If a process ends during the loop, its time may be missing. The next measurement counts it as
    // time that its parent waited for.
    let mut others: Vec<Times> = std::fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|process| Times::of(process).ok())
        .collect();
    let this = std::process::id();
    let mut ticks = Times::of(this)?.waited;
    let mut family = vec![this];
    while let Some(parent) = family.pop() {
        for child in others.extract_if(.., |other| other.parent == parent) {
            ticks += child.own + child.waited;
            family.push(child.process);
        }
    }
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// The clock ticks of CPU time of a process (`own`), and of the processes that it waited for
/// (`waited`).
#[cfg(target_os = "linux")]
struct Times {
    process: u32,
    parent: u32,
    own: u64,
    waited: u64,
}

#[cfg(target_os = "linux")]
impl Times {
    /// Reads the times of a process from its `stat` file, as proc(5) describes it. The crate
    /// `procfs` can do this, but compiling it takes ten CPU seconds.
    fn of(process: u32) -> io::Result<Times> {
        let text = std::fs::read(format!("/proc/{process}/stat"))?;
        // The name in the file may contain any bytes.
        let text = String::from_utf8_lossy(&text);
        // The second field is a name in parentheses, which may have spaces and parentheses itself.
        let (_, fields) = text.rsplit_once(')').unwrap_or_default();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        // Fields have the numbers of proc(5). The first field after the name has number 3.
        let field = |number: usize| {
            let field = fields.get(number - 3).and_then(|field| field.parse::<u64>().ok());
            field.ok_or_else(|| io::Error::other(format!("field {number} of {text:?} is invalid")))
        };
        Ok(Times {
            process,
            parent: u32::try_from(field(4)?).map_err(io::Error::other)?,
            own: field(14)? + field(15)?,
            waited: field(16)? + field(17)?,
        })
    }
}

#[cfg(not(target_os = "linux"))]
fn of_children() -> io::Result<Duration> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "CPU time can be measured only on Linux; leave out --cpu-time",
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process;

    #[test]
    fn the_time_of_a_grandchild_is_included_while_it_runs_and_after_it_ended() {
        let known = "CPU time can be measured";
        let mut limit = CpuLimit::start(Duration::from_millis(50)).expect(known);
        let mut command = Command::new("sh");
        // The first shell waits for the second, which does not end.
        command.args(["-c", "sh -c 'while :; do :; done'; true"]);
        let mut child = process::spawn(&mut command).expect("a shell starts");
        while !limit.is_over().expect(known) {
            std::thread::yield_now();
        }
        let running = limit.used().expect(known);
        process::end(&mut child);
        assert!(running >= Duration::from_millis(50));
        assert!(limit.used().expect(known) >= running);
    }
}
