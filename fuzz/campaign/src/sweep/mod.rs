//! A sweep: every I/O of every input, one after the other, loses the power or fails.
//!
//! An input that a fuzzer made crashes where its operations say. A sweep runs it again and again, with
//! one more [`Interference`] each time: at the first I/O of its run, at the second, up to the last.
//!
//! Invariants:
//!
//! * What was swept is on disk before the next input begins, so that a sweep that is stopped goes on where
//!   it was. What is remembered holds for this very program: another build begins anew.
//! * A failure does not end the sweep; the first of each identity is filed.
//!
//! What it does not do: shrink. An input of a corpus is small, and what interferes with it is one number.

mod finding;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use downbeat_protocol::message::Interference;
use downbeat_protocol::project::Project;
use downbeat_protocol::{Failure, Listing, registry};

pub use finding::SweepFinding;
use progress::Progress;

use crate::driver::HANG;
use crate::inputs;
use crate::judge::{Judge, Verdict};
use crate::program::Program;

/// Nobody sets it.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What is swept, and for how long.
pub struct Sweep<'a> {
    /// The target: one whose worlds have a simulated disk.
    pub target: &'a Program,
    /// The inputs.
    pub inputs: &'a [PathBuf],
    /// When it ends, at the latest: between two runs.
    pub time: Duration,
    /// Whether inputs that were swept are swept again.
    pub fresh: bool,
}

/// How far a sweep is.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// Inputs whose every I/O was interfered with, those of earlier sweeps included.
    pub inputs: usize,
    /// Those of them that were swept before.
    pub before: usize,
    /// I/Os that were interfered with.
    pub operations: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that failed.
    pub failures: u64,
    /// The first failure of each identity.
    pub findings: Vec<SweepFinding>,
    /// Whether the time was over before the inputs were.
    pub stopped: bool,
}

/// Sweeps. `watch` is told of every input, once it is swept, and of every finding.
///
/// # Errors
///
/// The target has no disk; an input cannot be read; what is found or was swept cannot be kept.
pub fn sweep(project: &Project, sweep: &Sweep<'_>, watch: &mut dyn FnMut(&Swept)) -> Result<Swept> {
    let Sweep { target, inputs, time, fresh } = *sweep;
    refuse_without_device(target.listing())?;
    let started = Instant::now();
    let mut progress = Progress::open(project, target, fresh)?;
    let mut judge = Judge::reusing(target);
    let mut swept = Swept::default();
    for path in inputs {
        let bytes = inputs::read(target, path)?;
        if progress.is_swept(&bytes) {
            swept.inputs += 1;
            swept.before += 1;
            continue;
        }
        let mut case = Case { project, target, path, bytes: &bytes, swept: &mut swept };
        if !case.sweep(&mut judge, &|| started.elapsed() >= time)? {
            swept.stopped = true;
            break;
        }
        progress.put(&bytes)?;
        swept.inputs += 1;
        watch(&swept);
    }
    Ok(swept)
}

/// Refuses a target that cannot be swept.
///
/// # Errors
///
/// The target has no disk.
pub fn refuse_without_device(target: &Listing) -> Result<()> {
    ensure!(
        target.has_device,
        "target {} has no device to sweep; those that have: {}",
        target.name,
        with_device().join(", "),
    );
    Ok(())
}

/// The names of targets whose worlds have a simulated disk.
fn with_device() -> Vec<&'static str> {
    let targets = registry::TARGETS.iter().filter(|target| target.has_device);
    targets.map(|target| target.name).collect()
}

/// One input.
struct Case<'a> {
    project: &'a Project,
    target: &'a Program,
    path: &'a Path,
    bytes: &'a [u8],
    swept: &'a mut Swept,
}

impl Case<'_> {
    /// Interferes with every I/O. Returns whether that came to its end.
    fn sweep(&mut self, judge: &mut Judge<'_>, is_over: &dyn Fn() -> bool) -> Result<bool> {
        let (operations, failure) = self.run(judge, None)?;
        if let Some(failure) = failure {
            self.found(&failure, None)?;
        }
        for nth in 1..=operations {
            for interference in [Interference::CrashAt(nth), Interference::FailAt(nth)] {
                if is_over() {
                    return Ok(false);
                }
                if let (_, Some(failure)) = self.run(judge, Some(interference))? {
                    self.found(&failure, Some(interference))?;
                }
            }
            self.swept.operations += 1;
        }
        Ok(true)
    }

    /// I/Os of a run, and its failure.
    fn run(
        &mut self,
        judge: &mut Judge<'_>,
        interference: Option<Interference>,
    ) -> Result<(u64, Option<Failure>)> {
        self.swept.runs += 1;
        judge.set_interference(interference);
        let judged = judge.judge(self.bytes, false, HANG, &NEVER)?;
        let failure = match judged.verdict {
            Verdict::Fails(failure) => Some(failure),
            Verdict::Passes | Verdict::Stopped => None,
        };
        Ok((judged.device_operations, failure))
    }

    fn found(&mut self, failure: &Failure, interference: Option<Interference>) -> Result<()> {
        self.swept.failures += 1;
        if self.swept.findings.iter().any(|finding| finding.identity == failure.identity) {
            return Ok(());
        }
        let Case { project, target, path, bytes, .. } = *self;
        let finding = SweepFinding::file(project, target, path, bytes, failure, interference)?;
        self.swept.findings.push(finding);
        Ok(())
    }
}
