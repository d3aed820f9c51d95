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

use anyhow::{Context, Result, ensure};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part};

use crate::build::Speed;
use crate::failing_input::{FailingInput, FailureKind};
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
    /// The number of this process among those of its campaign, from 0.
    pub number: u32,
    /// The number of jobs of the campaign.
    pub jobs: u32,
    /// Folders of inputs. The first one receives new inputs.
    pub corpus: &'a [PathBuf],
    /// The folder for failing inputs and all other files of the driver. It is empty, and no other
    /// process uses it.
    pub artifacts: &'a Path,
    /// A folder that all processes of the campaign share.
    pub shared: &'a Path,
    /// The parts of the driver that are left out.
    pub without: &'a [Part],
    /// Whether the canary is on.
    pub canary: bool,
    /// Options that are added to those of the driver; [`check_options`] accepts them.
    pub options: &'a [String],
}

impl Start<'_> {
    /// Whether this part of the driver is left in.
    #[must_use]
    pub fn has(&self, part: Part) -> bool {
        !self.without.contains(&part)
    }

    /// The file of the target's dictionary; `None` if there is none, or it is left out.
    #[must_use]
    pub fn dictionary(&self) -> Option<PathBuf> {
        let file = self.project.dictionary(self.target.name());
        (self.has(Part::Dictionary) && file.is_file()).then_some(file)
    }
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

    /// Whether options can be added to those of the driver's command.
    fn takes_options(&self) -> bool {
        false
    }

    /// Whether the driver reads and writes folders of inputs.
    fn has_corpus(&self) -> bool {
        true
    }

    /// The parts of the driver that can be left out.
    fn parts(&self) -> &'static [Part] {
        &[]
    }

    /// Whether the driver's number of edges includes the states that were reached.
    fn counts_states_as_edges(&self) -> bool {
        false
    }

    /// Whether the driver draws whole histories itself. If not, a campaign from an empty corpus
    /// begins with some.
    fn draws_histories(&self) -> bool {
        true
    }

    /// Whether one process of the driver runs all jobs of a campaign. If not, a campaign starts a
    /// process for each job. If the driver has a corpus, its processes share their new inputs.
    fn runs_all_jobs(&self) -> bool {
        false
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

    /// The files of failing inputs in the folder of artifacts, sorted. The default is for drivers
    /// that name these files as libFuzzer does.
    ///
    /// Returns an error if the folder cannot be read.
    fn failing(&self, artifacts: &Path) -> io::Result<Vec<(PathBuf, FailureKind)>> {
        files_of_kinds(artifacts, |name| match name.split('-').next()? {
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

impl dyn Driver {
    /// The failing inputs that the driver left in its folder of artifacts. `log` is the end of its
    /// log.
    pub(crate) fn failing_inputs(&self, artifacts: &Path, log: &str) -> Result<Vec<FailingInput>> {
        let files = self.failing(artifacts).context("cannot read a temporary folder")?;
        let inputs = files.into_iter().map(|(path, kind)| {
            let bytes =
                std::fs::read(&path).context("cannot read the failing input of a driver")?;
            Ok(FailingInput { bytes, kind, log: log.to_owned() })
        });
        inputs.collect()
    }
}

impl std::fmt::Debug for dyn Driver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Finds a driver by its name.
///
/// # Errors
///
/// Returns an error with the names of all drivers if none has this name.
pub fn find(name: &str) -> Result<&'static dyn Driver> {
    let found = DRIVERS.into_iter().find(|driver| driver.name() == name);
    found.with_context(|| {
        let names: Vec<&str> = DRIVERS.iter().map(|driver| driver.name()).collect();
        format!("unknown driver \"{name}\"; drivers are {}", names.join(", "))
    })
}

/// Checks that a driver takes these options.
///
/// # Errors
///
/// Returns an error if the driver takes no options, or a text is not an option.
pub fn check_options(driver: &dyn Driver, options: &[String]) -> Result<()> {
    let name = driver.name();
    ensure!(options.is_empty() || driver.takes_options(), "{name} takes no options");
    let wrong = options.iter().find(|option| !option.starts_with('-'));
    ensure!(
        wrong.is_none(),
        "\"{}\" is not an option of {name}; write -NAME=VALUE",
        wrong.map_or("", |wrong| wrong)
    );
    Ok(())
}

/// The files of `folder` for whose names `kind` returns a value, and those values, sorted by name.
/// Empty if there is no folder.
fn files_of_kinds(
    folder: &Path,
    kind: impl Fn(&str) -> Option<FailureKind>,
) -> io::Result<Vec<(PathBuf, FailureKind)>> {
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(kind) = kind(&entry.file_name().to_string_lossy()) {
            files.push((entry.path(), kind));
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(files)
}

/// Copies the inputs in `folders` to the new folder `copy`, and returns their number. This is for
/// drivers that read a single folder or write to the folder that they read.
pub(crate) fn copy_inputs(folders: &[PathBuf], copy: &Path) -> Result<usize> {
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
