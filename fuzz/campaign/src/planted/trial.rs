//! One search: a searcher with a seed searches for a planted bug, until a finding or the end of its
//! CPU time.
//!
//! The search is a child process that runs this program, with the patched copy as its checkout. The
//! child builds the driver in the copy, fuzzes, shrinks, and writes the outcome to a file.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat_protocol::Listing;

use super::checkout::Checkout;
use super::outcome::Outcome;
use super::replay::replay;
use super::searcher::{Origin, Searcher};
use crate::{driver, encoding_of, process};

/// The maximum wall time of a search, as a multiple of its CPU time. It is large, because the
/// machine may have other work.
const PATIENCE: u32 = 20;

/// The additional wall time for the build and for shrinking.
const BUILD: Duration = Duration::from_secs(1800);

/// The wall time in which the child must end after an interruption.
const GRACE: Duration = Duration::from_secs(10);

/// Time between two polls of the child.
const LOOK: Duration = Duration::from_millis(20);

/// The argument of `downbeat fuzz` for an option of a searcher: `-without=PART` leaves a part out.
/// Any other option is the driver's.
fn argument(option: &str) -> String {
    match option.strip_prefix("-without=") {
        Some(part) => format!("--without={part}"),
        None => format!("--option={option}"),
    }
}

/// A search.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) target: &'static Listing,
    pub(crate) searcher: &'a Searcher,
    pub(crate) seed: u64,
    /// The limit of CPU time, for the driver and all its child processes.
    pub(crate) limit: Duration,
}

impl Trial<'_> {
    /// Whether the shrunk inputs of the last search fail in the copy as it is now. Returns `None`
    /// if `stop` is set.
    pub(super) fn fails_again(
        &self,
        checkout: &Checkout<'_>,
        stop: &AtomicBool,
    ) -> Result<Option<bool>> {
        let findings = checkout.project().artifacts(self.target.name);
        let replayed = replay(checkout, self.target, &[findings], stop)?;
        Ok(replayed.map(|replayed| replayed.failure.is_some()))
    }

    /// Searches for the bug that is planted in the copy. Returns `None` if `stop` is set.
    pub(crate) fn run(
        &self,
        checkout: &Checkout<'_>,
        stop: &AtomicBool,
    ) -> Result<Option<Outcome>> {
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let file = scratch.path().join("outcome");
        let artifacts = checkout.project().artifacts(self.target.name);
        if artifacts.exists() {
            std::fs::remove_dir_all(&artifacts)
                .with_context(|| format!("cannot remove {}", artifacts.display()))?;
        }
        let corpus = scratch.path().join("corpus");
        if self.searcher.origin == Origin::Corpus {
            let committed = checkout.project().corpus(self.target.name);
            driver::copy_inputs(std::slice::from_ref(&committed), &corpus)?;
            encoding_of::copy_mark(&committed, &corpus)?;
        }
        let milliseconds = |time: Duration| format!("{}ms", time.as_millis());
        let mut command = checkout.program()?;
        command
            .args(["fuzz", self.target.name, "--driver", self.searcher.driver.name()])
            .args(self.searcher.options.iter().map(|option| argument(option)))
            .args(["--seed", &self.seed.to_string()])
            .args(["--time", &milliseconds(self.limit * PATIENCE)])
            .args(["--cpu-time", &milliseconds(self.limit)])
            .arg("--corpus")
            .arg(corpus)
            .arg("--outcome")
            .arg(&file)
            .stdout(Stdio::null());
        let log = scratch.path().join("log");
        command.stderr(std::fs::File::create(&log).context("cannot make a temporary file")?);
        let mut child = process::spawn(&mut command)?;
        let start = Instant::now();
        let mut told: Option<Instant> = None;
        while child.try_wait().context("cannot read the status of a child process")?.is_none() {
            let is_late = start.elapsed() > self.limit * PATIENCE + BUILD;
            if told.is_none() && (is_late || stop.load(Ordering::Relaxed)) {
                // The child ends its driver, which is in a process group of its own.
                process::interrupt(&child);
                told = Some(Instant::now());
            }
            if told.is_some_and(|when| when.elapsed() > GRACE) {
                break;
            }
            std::thread::sleep(LOOK);
        }
        process::end(&mut child);
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match Outcome::read(&file)? {
            Some(outcome) => Ok(Some(outcome)),
            None => {
                let said = std::fs::read(&log).unwrap_or_default();
                let said = String::from_utf8_lossy(&said).into_owned();
                bail!("{} wrote no outcome: {}", self.searcher, process::last_line(&said))
            }
        }
    }
}
