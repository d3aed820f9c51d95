//! A driver's process: its counters, its log, and the files that it leaves.
//!
//! Invariants:
//!
//! - The log is read as soon as it is written, so a driver never waits for a reader.
//! - After [`Job::end`], the driver's process has ended and the log is complete.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, Result};
use downbeat_protocol::counters::{self, Counters, Figures};
use downbeat_protocol::{CANARY_VARIABLE, Histogram, MEMORY, Part, part};

use crate::driver::{Driver, HANG, LogFigures, Start};
use crate::failing_input::FailingInput;
use crate::harvest::{Harvest, Writer};
use crate::process;
use crate::tether::tether;

/// The number of lines of a driver's log that are kept for a message.
const LOG_LINES_KEPT: usize = 200;

/// A driver's process. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Job {
    driver: &'static dyn Driver,
    child: Child,
    counters: Counters,
    artifacts: PathBuf,
    /// Whether the driver's number of edges includes the states.
    states_are_edges: bool,
    harvest: Option<Harvest>,
    log: Arc<Mutex<Log>>,
    reader: Option<JoinHandle<()>>,
    /// The number of executions, and the time when it was last seen to grow.
    progress: (u64, Instant),
}

#[derive(Debug, Default)]
struct Log {
    figures: LogFigures,
    lines: Vec<String>,
}

impl Job {
    /// Starts a driver, whose counters are in a new file at `counters_path`.
    pub(crate) fn start(
        driver: &'static dyn Driver,
        start: &Start<'_>,
        counters_path: &Path,
    ) -> Result<Self> {
        let counters = Counters::open(counters_path).context("cannot map a file of counters")?;
        let mut command = tether(&driver.command(start)?)?;
        command.env(counters::VARIABLE, counters_path).env_remove(CANARY_VARIABLE);
        if start.canary {
            command.env(CANARY_VARIABLE, "1");
        }
        command.env(part::VARIABLE, Part::join(start.without));
        let harvest = match driver.new_inputs(start.artifacts) {
            Some(from) => Some(Harvest::new(from, start.corpus)?),
            None => None,
        };
        // Some drivers report errors on standard output, others on standard error.
        let (output, into) = std::io::pipe().context("cannot make a pipe")?;
        let into_too = into.try_clone().context("cannot make a pipe")?;
        let mut child = process::spawn(command.stdout(into).stderr(into_too))?;
        if driver.needs_memory_bound() {
            process::bound_memory(&mut child, MEMORY)?;
        }
        // Only the driver holds the write end of the pipe, so the log ends when the driver does.
        drop(command);
        let log = Arc::new(Mutex::new(Log::default()));
        let reader = Some(read_log(driver, output, Arc::clone(&log)));
        let artifacts = start.artifacts.to_owned();
        let progress = (0, Instant::now());
        let states_are_edges = driver.counts_states_as_edges() && start.has(Part::States);
        Ok(Job {
            driver,
            child,
            counters,
            artifacts,
            states_are_edges,
            harvest,
            log,
            reader,
            progress,
        })
    }

    /// The exit status of the process; `None` while it runs.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot ask for a driver's status")
    }

    /// The figures that the driver shares.
    pub(crate) fn figures(&mut self) -> Figures {
        let figures = self.counters.read();
        if figures.executions != self.progress.0 {
            self.progress = (figures.executions, Instant::now());
        }
        figures
    }

    /// The histogram that the driver shares.
    pub(crate) fn histogram(&mut self) -> Histogram {
        self.counters.read_histogram()
    }

    /// The number of executions that the driver shared last.
    pub(crate) fn executions_at_end(&self) -> u64 {
        self.progress.0
    }

    /// The last figures in the driver's log or its file of statistics.
    pub(crate) fn log_figures(&mut self) -> LogFigures {
        let states =
            if self.states_are_edges { self.counters.read().states.len() as u64 } else { 0 };
        let mut log = self.log.lock().expect("the reader does not panic");
        self.driver.read_statistics(&self.artifacts, &mut log.figures);
        let edges = log.figures.edges.map(|edges| edges.saturating_sub(states));
        LogFigures { edges, ..log.figures }
    }

    /// The end of the driver's log.
    pub(crate) fn log_tail(&self) -> String {
        self.log.lock().expect("the reader does not panic").lines.join("\n")
    }

    /// Asks the process to end.
    pub(crate) fn interrupt(&self) {
        process::interrupt(&self.child);
    }

    /// Whether the driver has been running one input for longer than the limit.
    pub(crate) fn hangs(&mut self) -> bool {
        self.figures();
        self.progress.1.elapsed() > HANG
    }

    /// Copies new inputs to the corpus, if the driver does not do so itself. While the driver runs,
    /// files that may be incomplete are left out. After [`Job::end`], all files are copied.
    pub(crate) fn harvest(&mut self) -> Result<()> {
        // `reader` is `None` after `Job::end`.
        let writer = if self.reader.is_some() { Writer::Runs } else { Writer::Ended };
        self.harvest.as_mut().map_or(Ok(()), |harvest| harvest.gather(writer))
    }

    /// Ends the process if it runs, and reads its log to the end.
    pub(crate) fn end(&mut self) {
        process::end_in_order(&mut self.child);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }

    /// Whether the driver left an input that failed.
    pub(crate) fn has_failing_input(&self) -> Result<bool> {
        let failing = self.driver.failing(&self.artifacts);
        Ok(!failing.context("cannot read a temporary folder")?.is_empty())
    }

    /// The failing inputs that the driver left.
    pub(crate) fn failing_inputs(&self) -> Result<Vec<FailingInput>> {
        self.driver.failing_inputs(&self.artifacts, &self.log_tail())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.end();
    }
}

fn read_log(
    driver: &'static dyn Driver,
    output: impl Read + Send + 'static,
    log: Arc<Mutex<Log>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut log = log.lock().expect("no thread panics while it holds the lock");
            driver.read_log(&line, &mut log.figures);
            if log.lines.len() == LOG_LINES_KEPT {
                log.lines.remove(0);
            }
            log.lines.push(line);
        }
    })
}
