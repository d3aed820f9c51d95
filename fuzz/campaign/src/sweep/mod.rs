//! A sweep: runs each input twice for each of its I/Os. In one run power is lost at that I/O, in
//! the other run the I/O fails.
//!
//! In a normal run, power is lost only where the operations of the input say. A sweep repeats the
//! input with one [`Interference`] in each run: at the first I/O, at the second, up to the last.
//!
//! - A swept input is recorded on disk before the next input begins, so the next sweep continues
//!   after an interruption. If the program has changed, the sweep starts from the beginning.
//! - A failure does not end the sweep. The first failure of each identity is filed.
//! - Findings are not shrunk, because the inputs of a corpus are small and only one fault is added.

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

/// A flag that is never set.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What to sweep, and for how long.
pub struct Sweep<'a> {
    /// The target. Its worlds must have a simulated disk, or record the calls that change files.
    pub target: &'a Program,
    /// The files of the inputs.
    pub inputs: &'a [PathBuf],
    /// The time limit, which is checked between two runs.
    pub time: Duration,
    /// Whether inputs that were swept before are swept again.
    pub fresh: bool,
}

/// The progress of a sweep.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// The number of swept inputs, including those of earlier sweeps.
    pub inputs: usize,
    /// The number of inputs that earlier sweeps have swept.
    pub before: usize,
    /// The number of I/Os at which both interferences were tried.
    pub operations: u64,
    /// The number of runs.
    pub runs: u64,
    /// The number of runs that failed.
    pub failures: u64,
    /// The first failure of each identity.
    pub findings: Vec<SweepFinding>,
    /// Whether the time limit was reached before all inputs were swept.
    pub stopped: bool,
}

/// Sweeps inputs. Calls `watch` with the progress after each input.
///
/// # Errors
///
/// Returns an error if the target has no disk, an input cannot be read, or a finding or the
/// progress cannot be written.
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

/// Checks that a target can be swept.
///
/// # Errors
///
/// Returns an error if the target has no disk.
pub fn refuse_without_device(target: &Listing) -> Result<()> {
    ensure!(
        target.has_device,
        "target {} has no device to sweep; use one of {}",
        target.name,
        with_device().join(", "),
    );
    Ok(())
}

/// The names of the targets with a simulated disk.
fn with_device() -> Vec<&'static str> {
    let targets = registry::TARGETS.iter().filter(|target| target.has_device);
    targets.map(|target| target.name).collect()
}

/// The sweep of one input.
struct Case<'a> {
    project: &'a Project,
    target: &'a Program,
    path: &'a Path,
    bytes: &'a [u8],
    swept: &'a mut Swept,
}

impl Case<'_> {
    /// Interferes with each I/O in turn. Returns whether all I/Os were tried before the time limit.
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

    /// Runs the input. Returns the number of I/Os and the failure.
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

    /// Counts a failure, and files it if it is the first of its identity.
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
