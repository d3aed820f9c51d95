//! Runs a driver on a target for some time, from start to summary.
//!
//! | module | contents |
//! |---|---|
//! | `watch` | the watch over the drivers until they end |
//! | `failing` | what they leave: failing inputs and logs |
//!
//! Invariants:
//!
//! * No committed file is written: new inputs go to the work folder, findings to the folder of
//!   artifacts.
//! * A failing input is on disk before it is reported or shrunk. The failing inputs of all
//!   processes are on disk before the first one is shrunk.
//! * An interruption ends the drivers, and the campaign still returns a summary.

mod failing;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part};

use watch::{Watch, Watched, snapshot};

use crate::build::Speed;
use crate::cpu::CpuLimit;
use crate::driver::{self, Driver, Start};
use crate::finding::{Finding, Wanted};
use crate::history::{self, Recorder};
use crate::job::Job;
use crate::observer::{Observer, Snapshot};
use crate::program::Program;
use crate::running::{self, Running};
use crate::{inputs, space, tools};

/// The number of whole histories with which a campaign from an empty corpus begins.
const HISTORIES: u64 = 64;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The driver.
    pub driver: &'static dyn Driver,
    /// Time for each target.
    pub time: Duration,
    /// The limit of CPU time for each target, of all processes together. CPU time is measured only
    /// if there is a limit.
    pub cpu: Option<Duration>,
    /// What the build optimizes.
    pub speed: Speed,
    /// The number of jobs: processes of the driver, or threads if it runs all jobs itself.
    pub jobs: u32,
    /// The seed of the first process. Each further process gets the next number.
    pub seed: u64,
    /// A folder of inputs that replaces the committed corpus and the work folder.
    pub corpus: Option<PathBuf>,
    /// The parts of the driver that are left out.
    pub without: Vec<Part>,
    /// Whether the canary is on.
    pub canary: bool,
    /// Options that are added to those of the driver.
    pub extra: Vec<String>,
}

/// How a campaign on a target ended.
#[derive(Debug)]
pub enum End {
    /// The time limit was reached.
    Time,
    /// There are failing inputs: those that the processes of the driver left until they ended, and
    /// those that earlier campaigns on the target left when they were killed. An input that was
    /// kept but could not be filed has no finding.
    Found(Vec<Finding>),
    /// It was interrupted.
    Interrupted,
    /// A driver died, hung or did not end, and left no input. The text contains the reason, the
    /// path of the log and what to do.
    Died(String),
}

impl End {
    /// The end in a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            End::Time => "ok",
            End::Found(_) => "FINDING",
            End::Interrupted => "interrupted",
            End::Died(_) => "died",
        }
    }
}

/// The result of a campaign on a target.
#[derive(Debug)]
pub struct Summary {
    /// The state of its drivers at the end.
    pub last: Snapshot,
    /// The CPU time of its drivers; `None` if it had no limit or could not be measured.
    pub cpu: Option<Duration>,
    /// The folder of new inputs, and their number; `None` for a driver without a corpus.
    pub new_inputs: Option<(PathBuf, usize)>,
    /// How it ended.
    pub end: End,
    /// An error in addition to the findings, which are reported first.
    pub trouble: Option<anyhow::Error>,
}

/// A campaign: a project and what to run in it.
#[derive(Debug)]
pub struct Campaign<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// What to run.
    pub options: Options,
    /// Set by the caller to end the campaign.
    pub stop: &'a AtomicBool,
    /// The bug that is searched for; `None` if any bug is.
    pub wanted: Option<Wanted<'a>>,
}

impl Campaign<'_> {
    /// Builds the driver for `target`. First checks that all folders can be written, so that an
    /// error is returned before the build.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder cannot be written, a tool cannot be installed, the build fails,
    /// the driver does not take an option, or it runs no adapters and should.
    pub fn build(&self, target: &'static Listing, observer: &mut dyn Observer) -> Result<Program> {
        let Options { driver, extra, .. } = &self.options;
        driver::check_options(*driver, extra)?;
        ensure!(
            !target.is_adapter || driver.runs_adapters(),
            "--driver {} runs no adapter of an engine; use libfuzzer or seeded",
            driver.name()
        );
        self.corpus_folders(target)?;
        tools::ensure_writable(&self.project.artifacts(target.name))?;
        let Options { driver, speed, .. } = self.options;
        driver.build(self.project, target, speed, observer, self.stop)
    }

    /// Runs the driver on `target` until its time is up, an input fails, or `stop` is set.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder cannot be read or written, the driver cannot be started, the
    /// CPU time cannot be measured, or the observer fails. A driver that ends unexpectedly is not
    /// an error, but [`End::Died`].
    pub fn run(&self, target: &Program, observer: &mut dyn Observer) -> Result<Summary> {
        let corpus = self.corpus_folders(target.listing())?;
        for folder in &corpus {
            inputs::ensure_present(target, folder)?;
        }
        let before = corpus.first().map_or(0, |folder| count_files(folder));
        let before_this = self.recover(target, observer)?;
        self.begin_from_histories(target, &corpus)?;
        let driver = self.options.driver;
        let running = Running::begin(self.project, target.listing(), driver, &corpus)?;
        // The disks that the campaign writes to.
        let mut disks = vec![running.folder().to_owned(), self.project.artifacts(target.name())];
        disks.extend(corpus.first().cloned());
        space::ensure(disks.iter().map(PathBuf::as_path))?;
        let mut recorder = self.record(target)?;
        let start = Instant::now();
        let mut cpu = self.options.cpu.map(CpuLimit::start).transpose()?;
        let mut jobs = Vec::new();
        for number in 0..self.processes() {
            let job = self.start(target, &corpus, &running, number)?;
            jobs.push(job);
        }
        let mut watch = Watch { disks: &disks, recorder: &mut recorder, observer };
        let watched = self.watch(target, &mut jobs, start, cpu.as_mut(), &mut watch);
        jobs.iter_mut().for_each(Job::end);
        // The CPU time is complete now. It is read before another process starts.
        let cpu = cpu.as_mut().map(CpuLimit::used).transpose();
        let harvested = jobs.iter_mut().try_for_each(Job::harvest);
        let last = snapshot(target, &mut jobs, start.elapsed(), self.options.time);
        // A failing input is filed even if `watch` returned an error.
        let kept = self.keep(target, &jobs, watched.as_ref().ok());
        let left = match harvested.is_err() || kept.is_err() {
            true => Some(running.leave()),
            false => None,
        };
        let left_there = |error: anyhow::Error| match &left {
            Some(left) => error.context(format!(
                "the files of the drivers are in {}; the next run on {} recovers them",
                left.display(),
                target.name()
            )),
            None => error,
        };
        let (harvested, inputs) = (harvested.map_err(left_there), kept.map_err(left_there)?);
        if !inputs.is_empty() {
            let (findings, filed) = self.file(target, &inputs, &last, observer);
            let end = End::Found(before_this.into_iter().chain(findings).collect());
            let recorded = recorder.end(&last, end.name());
            let trouble = filed.and(harvested).and(watched.map(drop)).and(recorded).err();
            let new_inputs = new_inputs(corpus, before);
            return Ok(Summary { last, cpu: cpu.ok().flatten(), new_inputs, end, trouble });
        }
        harvested?;
        let end = match watched? {
            Watched::Time | Watched::Interrupted if !before_this.is_empty() => {
                End::Found(before_this)
            }
            Watched::Time => End::Time,
            Watched::Interrupted => End::Interrupted,
            Watched::Killed { why, job }
            | Watched::Failed { why, job }
            | Watched::Hangs { why, job } => {
                End::Died(self.died(target.listing(), &why, &jobs[job].log_tail())?)
            }
        };
        recorder.end(&last, end.name())?;
        let new_inputs = new_inputs(corpus, before);
        Ok(Summary { last, cpu: cpu?, new_inputs, end, trouble: None })
    }

    /// Begins the history of a campaign on `target`.
    fn record(&self, target: &Program) -> Result<Recorder> {
        let Options { driver, seed, jobs, .. } = self.options;
        let (name, driver) = (target.name().to_owned(), driver.name().to_owned());
        let buckets = count_states(target);
        let start = history::Start { target: name, driver, seed, jobs, at: 0, buckets };
        Recorder::begin(self.project, start, target.facts().clone())
    }

    /// The folders of inputs. The first one receives the new inputs. Empty for a driver without a
    /// corpus.
    fn corpus_folders(&self, target: &Listing) -> Result<Vec<PathBuf>> {
        if !self.options.driver.has_corpus() {
            return Ok(Vec::new());
        }
        let folders = match &self.options.corpus {
            Some(folder) => vec![folder.clone()],
            None => {
                let committed = self.project.corpus(target.name);
                let committed = Some(committed).filter(|folder| folder.is_dir());
                std::iter::once(self.project.work(target.name)).chain(committed).collect()
            }
        };
        tools::ensure_writable(&folders[0])?;
        Ok(folders)
    }

    /// The number of processes of the driver.
    fn processes(&self) -> u32 {
        if self.options.driver.runs_all_jobs() { 1 } else { self.options.jobs.max(1) }
    }

    /// Adds whole histories to the corpus if it is empty and the driver draws none itself.
    fn begin_from_histories(&self, target: &Program, corpus: &[PathBuf]) -> Result<()> {
        let Options { driver, seed, ref without, .. } = self.options;
        let Some(first) = corpus.first() else { return Ok(()) };
        if driver.draws_histories() || without.contains(&Part::Histories) {
            return Ok(());
        }
        for folder in corpus {
            if !inputs::files(folder)?.is_empty() {
                return Ok(());
            }
        }
        for number in 0..HISTORIES {
            let drawn = target.draw(seed.wrapping_mul(HISTORIES).wrapping_add(number))?;
            inputs::write_all(first, [drawn.bytes])?;
        }
        Ok(())
    }

    fn start(
        &self,
        target: &Program,
        corpus: &[PathBuf],
        running: &Running,
        number: u32,
    ) -> Result<Job> {
        let folder = running.job(number);
        let artifacts = running::artifacts(&folder);
        std::fs::create_dir_all(&artifacts).context("cannot make a temporary folder")?;
        let shared = running.shared();
        std::fs::create_dir_all(&shared).context("cannot make a temporary folder")?;
        let start = Start { shared: &shared, ..self.start_of(target, corpus, &artifacts, number) };
        Job::start(self.options.driver, &start, &folder.join("counters"))
    }

    fn start_of<'s>(
        &'s self,
        target: &'s Program,
        corpus: &'s [PathBuf],
        artifacts: &'s Path,
        number: u32,
    ) -> Start<'s> {
        let Options { time, seed, jobs, canary, ref without, ref extra, .. } = self.options;
        let seed = seed.wrapping_add(u64::from(number));
        let jobs = jobs.max(1);
        let (project, shared) = (self.project, Path::new(""));
        Start {
            project,
            target,
            time,
            seed,
            number,
            jobs,
            corpus,
            artifacts,
            shared,
            without,
            canary,
            options: extra,
        }
    }
}

/// The number of buckets of states that a target has.
fn count_states(target: &Program) -> usize {
    downbeat_protocol::states::count(&target.facts().states)
}

/// The first folder of `corpus`, and by how many files it has grown since it had `before` files.
fn new_inputs(corpus: Vec<PathBuf>, before: usize) -> Option<(PathBuf, usize)> {
    corpus.into_iter().next().map(|folder| {
        let count = count_files(&folder).saturating_sub(before);
        (folder, count)
    })
}

fn count_files(folder: &Path) -> usize {
    folder.read_dir().map_or(0, Iterator::count)
}
