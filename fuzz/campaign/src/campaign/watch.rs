//! The watch over the drivers of a campaign, until their time is up, an input fails, or the caller
//! ends the campaign.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Result;
use downbeat_protocol::Histogram;
use downbeat_protocol::counters::Figures;

use super::{Campaign, count_states};
use crate::cpu::CpuLimit;
use crate::driver::{HANG, LogFigures};
use crate::history::Recorder;
use crate::job::Job;
use crate::observer::{Observer, Snapshot};
use crate::program::Program;
use crate::space;

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

/// What the watch over the drivers looks at and writes to.
pub(super) struct Watch<'a> {
    /// Folders on the disks that the campaign writes to.
    pub(super) disks: &'a [PathBuf],
    pub(super) recorder: &'a mut Recorder,
    pub(super) observer: &'a mut dyn Observer,
}

/// Why the watch over the drivers ended.
pub(super) enum Watched {
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

/// The state of the drivers.
pub(super) fn snapshot(
    target: &Program,
    jobs: &mut [Job],
    elapsed: Duration,
    time: Duration,
) -> Snapshot {
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

impl Campaign<'_> {
    /// Watches the drivers until they end, or must.
    pub(super) fn watch(
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
