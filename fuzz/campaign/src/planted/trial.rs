//! One search: a planted bug, a driver, a seed; from an empty corpus, until something is found or the
//! CPU time is used.
//!
//! This program searches and shrinks in the patched copy, as a child of itself: it builds the driver
//! there, runs it as at any other time, and writes what came of it to a file.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat_protocol::Listing;

use super::checkout::Checkout;
use super::outcome::Outcome;
use crate::driver::Driver;
use crate::process;

/// Wall time for a search, as a multiple of its CPU time: the machine may have other work.
const PATIENCE: u32 = 20;

/// What a search has beyond that, to build and to shrink.
const BUILD: Duration = Duration::from_secs(1800);

/// What it has to end when it is told to.
const GRACE: Duration = Duration::from_secs(10);

/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(20);

/// A search.
#[derive(Clone, Copy)]
pub(super) struct Trial {
    pub(super) target: &'static Listing,
    pub(super) driver: &'static dyn Driver,
    pub(super) seed: u64,
    /// CPU time of the driver and what it starts.
    pub(super) limit: Duration,
}

impl Trial {
    /// Searches in the copy as it is. `None`: it was stopped.
    pub(super) fn run(
        &self,
        checkout: &Checkout<'_>,
        stop: &AtomicBool,
    ) -> Result<Option<Outcome>> {
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let file = scratch.path().join("outcome");
        let artifacts = checkout.project().artifacts(self.target.name);
        if artifacts.exists() {
            std::fs::remove_dir_all(&artifacts).context("cannot clear the copy's findings")?;
        }
        let milliseconds = |time: Duration| format!("{}ms", time.as_millis());
        let mut command = checkout.program()?;
        command
            .args(["fuzz", self.target.name, "--driver", self.driver.name()])
            .args(["--seed", &self.seed.to_string()])
            .args(["--time", &milliseconds(self.limit * PATIENCE)])
            .args(["--cpu-time", &milliseconds(self.limit)])
            .arg("--corpus")
            .arg(scratch.path().join("corpus"))
            .arg("--outcome")
            .arg(&file)
            .stdout(Stdio::null());
        let log = scratch.path().join("log");
        command.stderr(std::fs::File::create(&log).context("cannot make a temporary file")?);
        let mut child = process::spawn(&mut command)?;
        let start = Instant::now();
        let mut told: Option<Instant> = None;
        while child.try_wait().context("cannot ask for a child's status")?.is_none() {
            let is_late = start.elapsed() > self.limit * PATIENCE + BUILD;
            if told.is_none() && (is_late || stop.load(Ordering::Relaxed)) {
                // It ends its driver, which is in a group of its own.
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
                bail!("{} came to no end: {}", self.driver.name(), process::last_line(&said))
            }
        }
    }
}
