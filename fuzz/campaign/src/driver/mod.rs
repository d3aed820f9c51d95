//! What is particular to each driver: how it is built and started, what its log says, and where it
//! leaves an input that fails and inputs that are new.
//!
//! Every driver is a child process that shares its figures through a file of counters
//! (`downbeat_protocol::counters`).

mod afl;
mod bolero;
mod honggfuzz;
pub(crate) mod libfuzzer;
mod seeded;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use crate::build::Speed;
use crate::failing_input::FailureKind;
use crate::observer::Observer;
use crate::program::Program;

/// Time after which one input is a hang.
pub const HANG: Duration = Duration::from_secs(20);

/// Megabytes above which a run is out of memory.
const MEMORY_MEGABYTES: u32 = 1024;

/// Flags for the compiler behind those that a driver's command sets, so that these hold: assertions
/// and overflow checks as in the other drivers' builds, or a finding of one would not be another's; and
/// no tracing of comparisons, for the reason that [`libfuzzer`] gives.
const FLAGS: [&str; 3] = [
    "-Cdebug-assertions=off",
    "-Coverflow-checks=on",
    "-Cllvm-args=-sanitizer-coverage-trace-compares=0",
];

/// What a driver is started with.
#[derive(Clone)]
pub struct Start<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The target.
    pub target: &'a Program,
    /// The time it has.
    pub time: Duration,
    /// Its seed.
    pub seed: u64,
    /// Folders of inputs; new ones go into the first.
    pub corpus: &'a [PathBuf],
    /// Where inputs that fail go, and whatever else it leaves. Its own, and empty.
    pub artifacts: &'a Path,
    /// Whether the planted fault is on.
    pub canary: bool,
}

/// What a driver's log said last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// Edges reached.
    pub edges: Option<u64>,
    /// Features reached.
    pub features: Option<u64>,
    /// Inputs in the corpus.
    pub corpus: Option<u64>,
}

/// A driver: each has a file of its own.
#[expect(clippy::missing_errors_doc, reason = "each method says it")]
pub trait Driver: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Builds what it needs for `target`, and opens the program that judges what it finds.
    ///
    /// Returns an error if a tool cannot be installed or the build fails, with what the compiler said.
    fn build(
        &self,
        project: &Project,
        target: &'static Listing,
        speed: Speed,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program>;

    /// The command that runs it, once its folders are ready.
    ///
    /// Returns an error if its program is missing, or a folder cannot be read or written.
    fn command(&self, start: &Start<'_>) -> Result<Command>;

    /// Whether it reads and writes folders of inputs.
    fn has_corpus(&self) -> bool {
        true
    }

    /// Whether several of its processes share what they find.
    fn has_jobs(&self) -> bool {
        true
    }

    /// Whether the driver itself ends an input that takes too long.
    fn ends_hangs(&self) -> bool {
        true
    }

    /// Whether this program must bound the memory of a run. Other drivers do so themselves.
    fn needs_memory_bound(&self) -> bool {
        false
    }

    /// Whether its log must tell of edges: a build without instrumentation finds nothing by coverage.
    fn counts_edges(&self) -> bool {
        false
    }

    /// Reads a line of its log.
    fn read_log(&self, _line: &str, _figures: &mut LogFigures) {}

    /// Reads its file of statistics, if it has one.
    fn read_statistics(&self, _artifacts: &Path, _figures: &mut LogFigures) {}

    /// An input that failed, if it left one in its folder of artifacts; named as libFuzzer names them,
    /// unless the driver says otherwise.
    ///
    /// Returns an error if the folder cannot be read.
    fn failing(&self, artifacts: &Path) -> io::Result<Option<(PathBuf, FailureKind)>> {
        first_file(artifacts, |name| match name.split('-').next()? {
            "crash" => Some(FailureKind::Crash),
            "timeout" => Some(FailureKind::Hang),
            "oom" => Some(FailureKind::Memory),
            _ => None,
        })
    }

    /// The folder below its artifacts where it leaves new inputs, unless it adds them to the corpus
    /// itself.
    fn new_inputs(&self, _artifacts: &Path) -> Option<PathBuf> {
        None
    }

    /// The input that its process was at when it died or hung, if the driver can tell and does not
    /// write it itself.
    fn input_at_hand(&self, _start: &Start<'_>, _executions: u64) -> Option<Vec<u8>> {
        None
    }
}

/// Every driver, the default first.
pub const DRIVERS: [&dyn Driver; 5] =
    [LIBFUZZER, SEEDED, &afl::Afl, &honggfuzz::Honggfuzz, &bolero::Bolero];

/// libFuzzer: guided by coverage.
pub const LIBFUZZER: &dyn Driver = &libfuzzer::Libfuzzer;

/// Inputs from a seed, without coverage.
pub const SEEDED: &dyn Driver = &seeded::Seeded;

impl std::fmt::Debug for dyn Driver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The first file of `folder` that `kind` says something of by its name; none if there is no folder.
fn first_file(
    folder: &Path,
    kind: impl Fn(&str) -> Option<FailureKind>,
) -> io::Result<Option<(PathBuf, FailureKind)>> {
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if let Some(kind) = kind(&entry.file_name().to_string_lossy()) {
            return Ok(Some((entry.path(), kind)));
        }
    }
    Ok(None)
}

/// Copies the inputs in `folders` into the new folder `copy`; how many there are. For drivers that
/// take one folder, or write where they read.
fn copy_inputs(folders: &[PathBuf], copy: &Path) -> Result<usize> {
    std::fs::create_dir_all(copy).context("cannot make a temporary folder")?;
    let mut count = 0;
    for folder in folders {
        for file in crate::inputs::files(folder)? {
            let reason = || format!("cannot copy {}", file.display());
            std::fs::copy(&file, copy.join(count.to_string())).with_context(reason)?;
            count += 1;
        }
    }
    Ok(count)
}
