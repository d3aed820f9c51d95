//! Runs a driver on a target for some time, from start to summary.
//!
//! Invariants:
//!
//! * No committed file is written: new inputs go to the work folder, findings to the folder of
//!   artifacts.
//! * A failing input is on disk before it is reported or shrunk. The failing inputs of all
//!   processes are on disk before the first one is shrunk.
//! * An interruption ends the drivers, and the campaign still returns a summary.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use downbeat_protocol::counters::Figures;
use downbeat_protocol::project::Project;
use downbeat_protocol::{Histogram, Listing, Part};

use crate::build::Speed;
use crate::cpu::CpuLimit;
use crate::driver::{self, Driver, HANG, LogFigures, Start};
use crate::failing_input::{FailingInput, FailureKind};
use crate::finding::{self, Discovery, Finding};
use crate::history::{self, Recorder};
use crate::job::Job;
use crate::observer::{Observer, Snapshot};
use crate::program::Program;
use crate::running::{self, Running};
use crate::{inputs, process, space, tools};

/// Time between two checks of a driver.
const LOOK: Duration = Duration::from_millis(100);

/// Time between two searches for new inputs.
const HARVEST: Duration = Duration::from_secs(5);

/// A driver must end within this time after its time limit. libFuzzer reports a hang within twice
/// the time of [`HANG`], so a hang that starts at the end of the limit needs that long.
const GRACE: Duration = HANG.saturating_mul(2).saturating_add(Duration::from_secs(5));

/// A driver must end within this time after it was asked to end.
const GRACE_INTERRUPTED: Duration = Duration::from_secs(2);

/// A driver that does not end within this time after an input failed is asked to end.
const GRACE_FAILED: Duration = Duration::from_secs(1);

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

    /// Writes the log of a driver that died to the build folder. Returns a line for the user with
    /// the reason and the path of the log.
    fn died(&self, target: &Listing, why: &str, log: &str) -> Result<String> {
        let driver = self.options.driver.name();
        let folder = self.project.build().join("logs");
        let path = folder.join(format!("{}-{driver}.log", target.name));
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, log));
        kept.with_context(|| format!("{why}; cannot write its log to {}", path.display()))?;
        let path = path.strip_prefix(self.project.root()).unwrap_or(&path).display();
        let last = match process::last_line(log) {
            "" => "nothing".to_owned(),
            line => format!("{line:?}"),
        };
        Ok(format!(
            "{why} and left no input; its last line is {last}; read {path}, and try again or with another \
             --driver"
        ))
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

    /// Files the findings of earlier campaigns on the target that were killed.
    fn recover(&self, target: &Program, observer: &mut dyn Observer) -> Result<Vec<Finding>> {
        let listing = target.listing();
        let inputs = running::recover(self.project, listing, &mut |input| {
            finding::keep(self.project, listing, input).map(drop)
        })?;
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let last = snapshot(target, &mut [], Duration::ZERO, self.options.time);
        let (findings, filed) = self.file(target, &inputs, &last, observer);
        filed.map(|()| findings)
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

    /// Keeps the failing inputs of the processes. If a process that was killed by a signal, or that
    /// hung, left no failing input, keeps its current input, if the driver can make it again.
    fn keep(
        &self,
        target: &Program,
        jobs: &[Job],
        watched: Option<&Watched>,
    ) -> Result<Vec<FailingInput>> {
        let mut inputs = Vec::new();
        let mut kept = Ok(());
        for (number, job) in jobs.iter().enumerate() {
            let current = match watched {
                Some(Watched::Killed { job, .. }) if *job == number => Some(FailureKind::Crash),
                Some(Watched::Hangs { job, .. }) if *job == number => Some(FailureKind::Hang),
                _ => None,
            };
            let current = current.and_then(|kind| {
                let start = self.start_of(target, &[], Path::new(""), number as u32);
                let bytes = self.options.driver.input_at_hand(&start, job.executions_at_end())?;
                Some(FailingInput { bytes, kind, log: job.log_tail() })
            });
            let left = job.failing_inputs().unwrap_or_else(|error| {
                // The inputs of the other processes are kept first.
                kept = std::mem::replace(&mut kept, Ok(())).and(Err(error));
                Vec::new()
            });
            let left = if left.is_empty() { current.into_iter().collect() } else { left };
            for input in left {
                match finding::keep(self.project, target.listing(), &input) {
                    Ok(_) => inputs.push(input),
                    Err(error) => kept = kept.and(Err(error)),
                }
            }
        }
        kept.map(|()| inputs)
    }

    /// Files inputs that are kept. If an input cannot be filed, the others are still filed, and the
    /// first error is returned.
    fn file(
        &self,
        target: &Program,
        inputs: &[FailingInput],
        last: &Snapshot,
        observer: &mut dyn Observer,
    ) -> (Vec<Finding>, Result<()>) {
        let mut findings = Vec::new();
        let (mut told, mut filed) = (Ok(()), Ok(()));
        let discovery = Discovery {
            driver: self.options.driver,
            after: last.elapsed,
            executions: last.figures.executions,
            canary: self.options.canary,
        };
        for input in inputs {
            let found = observer.found(target.name(), last.elapsed, last.figures.executions);
            told = told.and(found.map_err(anyhow::Error::from));
            match finding::file(self.project, target, input, discovery, self.stop) {
                Ok(finding) => findings.push(finding),
                Err(error) => filed = filed.and(Err(error)),
            }
        }
        (findings, filed.and(told))
    }

    fn watch(
        &self,
        target: &Program,
        jobs: &mut [Job],
        start: Instant,
        mut cpu: Option<&mut CpuLimit>,
        watch: &mut Watch<'_>,
    ) -> Result<Watched> {
        let (mut interrupted, mut failed, mut ending) = (false, None, None);
        let mut harvested = start;
        loop {
            let mut running = 0;
            let mut slowest = 0;
            for (number, job) in jobs.iter_mut().enumerate() {
                match job.status()? {
                    None => (running, slowest) = (running + 1, number),
                    Some(status) if !status.success() && ending.is_none() => {
                        let why = format!("the driver ended with {status}");
                        return Ok(match status.signal() {
                            Some(_) => Watched::Killed { job: number, why },
                            None => Watched::Failed { job: number, why },
                        });
                    }
                    Some(_) => continue,
                }
                if !self.options.driver.ends_hangs() && job.hangs() {
                    let why = format!("the driver ran one input for {} s", HANG.as_secs());
                    return Ok(Watched::Hangs { job: number, why });
                }
                if self.options.driver.counts_edges() && job.log_figures().edges == Some(0) {
                    let why = "the program counts no edges: it is not instrumented".to_owned();
                    return Ok(Watched::Failed { job: number, why });
                }
                if failed.is_none() && job.has_failing_input()? {
                    failed = Some(Instant::now());
                }
            }
            if harvested.elapsed() > HARVEST {
                harvested = Instant::now();
                jobs.iter_mut().try_for_each(Job::harvest)?;
            }
            space::ensure(watch.disks.iter().map(PathBuf::as_path))?;
            let elapsed = start.elapsed();
            interrupted |= self.stop.load(Ordering::Relaxed) && ending.is_none();
            // A driver that continues after a failure is asked to end, after it has had the time to
            // write the whole input.
            let continues = failed.is_some_and(|when: Instant| when.elapsed() > GRACE_FAILED);
            if (interrupted || continues) && ending.is_none() {
                ending = Some(Instant::now());
                jobs.iter().for_each(Job::interrupt);
            }
            match ending {
                Some(when) if running == 0 || when.elapsed() > GRACE_INTERRUPTED => {
                    return Ok(if interrupted { Watched::Interrupted } else { Watched::Time });
                }
                None if running == 0 => return Ok(Watched::Time),
                None if cpu.as_mut().map_or(Ok(false), |cpu| cpu.is_over())? => {
                    return Ok(Watched::Time);
                }
                None if elapsed > self.options.time + GRACE => {
                    let why = format!(
                        "the driver did not end {} s after its time limit",
                        GRACE.as_secs()
                    );
                    return Ok(Watched::Failed { job: slowest, why });
                }
                _ => {}
            }
            let snapshot = snapshot(target, jobs, elapsed, self.options.time);
            watch.recorder.add(&snapshot)?;
            watch.observer.running(&snapshot)?;
            std::thread::sleep(LOOK);
        }
    }
}

/// What the watch over the drivers looks at and writes to.
struct Watch<'a> {
    /// Folders on the disks that the campaign writes to.
    disks: &'a [PathBuf],
    recorder: &'a mut Recorder,
    observer: &'a mut dyn Observer,
}

/// Why the watch over the drivers ended.
enum Watched {
    /// The time limit was reached, all drivers ended, or the drivers were asked to end after a
    /// failure.
    Time,
    Interrupted,
    /// A signal ended the process, perhaps because of its current input.
    Killed {
        job: usize,
        why: String,
    },
    /// The process ended with an error status, did not end in time, or is not instrumented. Its
    /// current input is not the reason.
    Failed {
        job: usize,
        why: String,
    },
    Hangs {
        job: usize,
        why: String,
    },
}

fn snapshot(target: &Program, jobs: &mut [Job], elapsed: Duration, time: Duration) -> Snapshot {
    let mut figures = Figures::ZERO;
    let mut histogram = Histogram::ZERO;
    let mut seen = LogFigures::default();
    for job in jobs {
        histogram.plus(&job.histogram());
        figures = figures.plus(&job.figures());
        // Jobs share a corpus, so the other jobs will reach the figures of the most advanced job.
        let log = job.log_figures();
        seen.edges = seen.edges.max(log.edges);
        seen.features = seen.features.max(log.features);
        seen.corpus = seen.corpus.max(log.corpus);
    }
    let LogFigures { edges, features, corpus } = seen;
    let states = count_states(target);
    let target = target.name();
    Snapshot { target, elapsed, time, figures, histogram, states, edges, features, corpus }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::DRIVERS;

    #[test]
    fn the_message_about_a_dead_driver_has_the_last_line_and_the_path_of_its_log() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(scratch.path());
        let options = Options {
            driver: DRIVERS[2],
            time: Duration::from_secs(1),
            cpu: None,
            speed: Speed::Soon,
            jobs: 1,
            seed: 1,
            corpus: None,
            without: Vec::new(),
            canary: false,
            extra: Vec::new(),
        };
        let stop = AtomicBool::new(false);
        let campaign = Campaign { project: &project, options, stop: &stop };
        let target = &downbeat_protocol::registry::CACHE_MAP;
        let log = "a banner\n\nthere is no shared memory\n\n";
        let line = campaign.died(target, "the driver ended", log).expect("the log is kept");
        assert_eq!(line.lines().count(), 1);
        for part in ["the driver ended", "\"there is no shared memory\"", "target/logs/"] {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
        let kept = project.build().join("logs/cache_map-afl.log");
        assert_eq!(std::fs::read_to_string(kept).expect("a log"), log);
    }
}
