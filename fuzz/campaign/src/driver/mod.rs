//! The parts that differ between drivers: how a driver is built and started, how its log is read,
//! and where it leaves failing inputs and new inputs.
//!
//! Every driver is a child process that shares its figures through a file of counters
//! (`downbeat_protocol::counters`).

mod afl;
mod bolero;
mod honggfuzz;
pub(crate) mod libfuzzer;
mod seeded;

pub use libfuzzer::options_file;

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
use crate::tools::Needs;

/// An input that takes longer than this is a hang.
pub const HANG: Duration = Duration::from_secs(20);

/// The maximum memory of a run in mebibytes.
const MEMORY_MEGABYTES: u32 = 1024;

/// Flags that override those of a driver's own build command. Assertions and overflow checks are as
/// in the other drivers' builds, so that all drivers report the same findings. Comparisons are not
/// traced; [`libfuzzer`] explains why.
const FLAGS: [&str; 3] = [
    "-Cdebug-assertions=off",
    "-Coverflow-checks=on",
    "-Cllvm-args=-sanitizer-coverage-trace-compares=0",
];

/// The arguments with which a driver is started.
#[derive(Clone)]
pub struct Start<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The target.
    pub target: &'a Program,
    /// The time limit.
    pub time: Duration,
    /// The seed.
    pub seed: u64,
    /// Folders of inputs. The first one receives new inputs.
    pub corpus: &'a [PathBuf],
    /// The folder for failing inputs and all other files of the driver. It is empty, and no other
    /// process uses it.
    pub artifacts: &'a Path,
    /// Whether the canary is on.
    pub canary: bool,
}

/// The last figures in a driver's log or file of statistics. A figure is `None` until the driver
/// reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// Edges reached.
    pub edges: Option<u64>,
    /// Features reached.
    pub features: Option<u64>,
    /// Inputs in the corpus.
    pub corpus: Option<u64>,
}

/// A driver. Each has its own file.
#[expect(clippy::missing_errors_doc, reason = "the comment of each method names its errors")]
pub trait Driver: Sync {
    /// The name of the driver.
    fn name(&self) -> &'static str;

    /// What the driver needs besides Rust. [`Driver::build`] installs or asks for it.
    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    /// What [`Driver::build`] does only once and has not done yet, besides installing tools.
    fn first_run(&self, _project: &Project) -> Option<String> {
        None
    }

    /// Why the driver cannot run on this machine although all that it needs is installed, and what
    /// to do.
    fn hindrance(&self) -> Option<String> {
        None
    }

    /// Builds what the driver needs for `target`, and opens the program that judges its findings.
    ///
    /// Returns an error with the output of the compiler if a tool cannot be installed or the build
    /// fails.
    fn build(
        &self,
        project: &Project,
        target: &'static Listing,
        speed: Speed,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program>;

    /// Prepares the driver's folders and returns the command that runs the driver.
    ///
    /// Returns an error if the driver's program is missing, or a folder cannot be read or written.
    fn command(&self, start: &Start<'_>) -> Result<Command>;

    /// Whether the driver reads and writes folders of inputs.
    fn has_corpus(&self) -> bool {
        true
    }

    /// Whether a campaign may run several processes of the driver. If the driver has a corpus, its
    /// processes share their new inputs.
    fn has_jobs(&self) -> bool {
        true
    }

    /// Whether the driver runs adapters of engines, too.
    fn runs_adapters(&self) -> bool {
        false
    }

    /// Whether the driver itself ends an input that takes too long.
    fn ends_hangs(&self) -> bool {
        true
    }

    /// Whether the campaign must limit the memory of the driver. Other drivers limit the memory of
    /// a run themselves.
    fn needs_memory_bound(&self) -> bool {
        false
    }

    /// Whether the campaign must end if the log reports zero edges. The program is then not
    /// instrumented, and a driver guided by coverage would find little.
    fn counts_edges(&self) -> bool {
        false
    }

    /// Reads figures from a line of the log.
    fn read_log(&self, _line: &str, _figures: &mut LogFigures) {}

    /// Reads figures from the driver's file of statistics, if it has such a file.
    fn read_statistics(&self, _artifacts: &Path, _figures: &mut LogFigures) {}

    /// The file of a failing input in the folder of artifacts, if there is one. The default is for
    /// drivers that name these files as libFuzzer does.
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

    /// The folder of new inputs, below the folder of artifacts; `None` if the driver adds them to
    /// the corpus itself.
    fn new_inputs(&self, _artifacts: &Path) -> Option<PathBuf> {
        None
    }

    /// The input that the process was running when it died or hung, after `executions` complete
    /// executions. `None` if the driver writes such inputs itself or cannot make them again.
    fn input_at_hand(&self, _start: &Start<'_>, _executions: u64) -> Option<Vec<u8>> {
        None
    }
}

/// Every driver, the default first.
pub const DRIVERS: [&dyn Driver; 5] =
    [LIBFUZZER, SEEDED, &afl::Afl, &honggfuzz::Honggfuzz, &bolero::Bolero];

/// libFuzzer, which is guided by coverage.
pub const LIBFUZZER: &dyn Driver = &libfuzzer::Libfuzzer;

/// The seeded driver, which generates inputs without coverage.
pub const SEEDED: &dyn Driver = &seeded::Seeded;

impl std::fmt::Debug for dyn Driver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A file of `folder` for whose name `kind` returns a value, and that value. `None` if there is no
/// such file, or no folder.
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

/// Copies the inputs in `folders` to the new folder `copy`, and returns their number. This is for
/// drivers that read a single folder or write to the folder that they read.
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
