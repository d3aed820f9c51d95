//! Finds known bugs of released engines again: in a version that has the bug, from an empty corpus.
//!
//! A finding is the known bug if its check is expected and its input does not fail in the same way
//! on the version in which the bug is fixed. Only such a finding is shrunk, and each smaller input
//! is the known bug, too. A version may have other bugs: their findings are passed over, and the
//! search goes on with the next seed until its time is used up. Then the fixed version is searched
//! in the same way, for as long as the bug took.
//!
//! All files are in `target/rediscover/BUG/DRIVER`, which has the folders of a checkout. They are
//! removed when the bug is searched for again.

mod known;

pub use known::{Known, known};

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;

use crate::build::{self, Purpose, Speed};
use crate::campaign::{Campaign, End, Options};
use crate::driver::Driver;
use crate::finding::Wanted;
use crate::observer::{Observer, Silent};
use crate::planted::Outcome;
use crate::program::Program;
use crate::{SEEDED, adapters};

/// The maximum wall time of a search, as a multiple of its CPU time.
const PATIENCE: u32 = 10;

/// A search with less CPU time than this is not begun.
const LEAST: Duration = Duration::from_secs(1);

/// The least CPU time for which the fixed version must find nothing.
const CLEAN: Duration = Duration::from_secs(10);

/// A search for a known bug.
#[derive(Debug)]
pub struct Search<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The driver.
    pub driver: &'static dyn Driver,
    /// The limit of CPU time.
    pub limit: Duration,
    /// The seed.
    pub seed: u64,
}

/// The result of a search in one version.
#[derive(Debug)]
pub struct Searched {
    /// CPU time, executions, and the finding that is the known bug.
    pub outcome: Outcome,
    /// The folder of the finding.
    pub folder: Option<PathBuf>,
    /// The checks of the findings that were passed over.
    pub others: Vec<String>,
}

/// The result of a search for a known bug.
#[derive(Debug)]
pub struct Rediscovery {
    /// The search in the version with the bug.
    pub broken: Searched,
    /// The search in the fixed version; `None` if there is no such version, or if nothing was
    /// found.
    pub fixed: Option<Searched>,
}

impl Rediscovery {
    /// What is wrong with the result, in a line; `None` if the bug was found again.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if self.broken.outcome.found.is_none() {
            return Some("the bug was not found".to_owned());
        }
        let fixed = self.fixed.as_ref()?.outcome.found.as_ref()?;
        Some(format!("{} was found in the fixed version", fixed.check))
    }
}

impl Search<'_> {
    /// Searches for a bug. Returns `None` if `stop` is set.
    ///
    /// # Errors
    ///
    /// Returns an error if a version cannot be built, a folder cannot be written, or a driver dies.
    pub fn run(
        &self,
        known: &Known,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Option<Rediscovery>> {
        let broken = self.program(known, &known.version, observer, stop)?;
        let fixed = known.fixed.as_ref();
        let fixed =
            fixed.map(|version| self.program(known, version, observer, stop)).transpose()?;
        let wanted = Wanted { checks: &known.expect, without_it: fixed.as_ref() };
        let folder = self.folder(known, "");
        let Some(searched) = self.search(&broken, wanted, &folder, self.limit, stop)? else {
            return Ok(None);
        };
        let mut rediscovery = Rediscovery { broken: searched, fixed: None };
        if let (Some(_), Some(fixed)) = (&rediscovery.broken.outcome.found, &fixed) {
            let seconds = rediscovery.broken.outcome.cpu_seconds;
            let limit = Duration::from_secs_f64(seconds).max(CLEAN);
            let folder = self.folder(known, "-fixed");
            let wanted = Wanted { without_it: None, ..wanted };
            rediscovery.fixed = self.search(fixed, wanted, &folder, limit, stop)?;
            if rediscovery.fixed.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(rediscovery))
    }

    fn program(
        &self,
        known: &Known,
        version: &str,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program> {
        let purpose = match self.driver.name() == SEEDED.name() {
            true => Purpose::Plain,
            false => Purpose::Libfuzzer,
        };
        let with = known.with.as_ref().map(|(name, version)| (&**name, &**version));
        let workspace = adapters::workspace_of_version(self.project, known.adapter, version, with)?;
        let adapter = (known.adapter, version, &*workspace);
        let speed = Speed::Soon;
        let mut program =
            build::program_of_version(purpose, self.project, adapter, speed, observer, stop)?;
        program.leave_out(&known.without);
        Ok(program)
    }

    fn folder(&self, known: &Known, end: &str) -> PathBuf {
        let folder = self.project.build().join("rediscover").join(&known.slug);
        folder.join(format!("{}{end}", self.driver.name()))
    }

    /// Runs the driver from an empty corpus until it finds the bug. Returns `None` if `stop` is
    /// set.
    fn search(
        &self,
        program: &Program,
        wanted: Wanted<'_>,
        folder: &Path,
        limit: Duration,
        stop: &AtomicBool,
    ) -> Result<Option<Searched>> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let project = Project::at(folder);
        let outcome = Outcome { cpu_seconds: 0.0, executions: 0, found: None };
        let mut searched = Searched { outcome, folder: None, others: Vec::new() };
        let start = Instant::now();
        for number in 0.. {
            let whole = &mut searched.outcome;
            let left = limit.saturating_sub(Duration::from_secs_f64(whole.cpu_seconds));
            if left < LEAST || start.elapsed() > limit * PATIENCE {
                break;
            }
            let options = Options {
                driver: self.driver,
                time: left * PATIENCE,
                cpu: Some(left),
                speed: Speed::Soon,
                jobs: 1,
                seed: self.seed.wrapping_add(number),
                corpus: Some(folder.join(format!("corpus-{number}"))),
                without: Vec::new(),
                extra: Vec::new(),
                canary: false,
            };
            let campaign = Campaign { project: &project, options, stop, wanted: Some(wanted) };
            let mut summary = campaign.run(program, &mut Silent)?;
            if let Some(trouble) = summary.trouble.take() {
                return Err(trouble);
            }
            if let End::Died(why) = &summary.end {
                bail!("{}: {why}", program.name());
            }
            let Some(outcome) = Outcome::of(program, &summary)? else { return Ok(None) };
            whole.cpu_seconds += outcome.cpu_seconds;
            whole.executions += outcome.executions;
            let (Some(found), End::Found(findings)) = (outcome.found, &summary.end) else { break };
            if findings[0].is_wanted {
                whole.found = Some(found);
                searched.folder = Some(findings[0].folder.clone());
                break;
            }
            searched.others.push(found.check);
        }
        Ok(Some(searched))
    }
}
