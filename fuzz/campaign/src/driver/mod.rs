//! What is particular to each driver: how it is built and started, what its log says, and where it
//! leaves an input that fails and inputs that are new.
//!
//! Every driver is a child process that shares its figures through a file of counters
//! (`downbeat::counters`).

mod afl;
mod bolero;
mod honggfuzz;
mod libfuzzer;
mod seeded;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat::AnyTarget;
use downbeat::project::Project;

use crate::finding::FailureKind;
use crate::observer::Observer;
use crate::process::{self, Ran};

/// Time after which one input is a hang.
pub(crate) const HANG: Duration = Duration::from_secs(20);

/// Megabytes above which a run is out of memory.
const MEMORY_MEGABYTES: u32 = 1024;

/// A driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// libFuzzer: coverage-guided.
    Libfuzzer,
    /// Inputs from a seed, without coverage.
    Seeded,
    /// AFL++ in persistent mode: coverage-guided.
    Afl,
    /// honggfuzz: coverage-guided.
    Honggfuzz,
    /// bolero, with its libFuzzer engine, on the properties of `fuzz/props`.
    Bolero,
}

/// What a driver is started with.
#[derive(Clone)]
pub struct Start<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The target.
    pub target: &'static dyn AnyTarget,
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

/// What a driver's own file says of it.
trait Engine {
    /// See [`Driver::name`].
    fn name(&self) -> &'static str;

    /// See [`Driver::build`].
    fn build(
        &self,
        project: &Project,
        targets: &[&'static dyn AnyTarget],
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<()>;

    /// See [`Driver::command`].
    fn command(&self, start: &Start<'_>) -> Result<Command>;

    /// See [`Driver::has_corpus`].
    fn has_corpus(&self) -> bool {
        true
    }

    /// See [`Driver::has_jobs`].
    fn has_jobs(&self) -> bool {
        true
    }

    /// See [`Driver::ends_hangs`].
    fn ends_hangs(&self) -> bool {
        true
    }

    /// See [`Driver::read_log`].
    fn read_log(&self, _line: &str, _figures: &mut LogFigures) {}

    /// See [`Driver::read_statistics`].
    fn read_statistics(&self, _artifacts: &Path, _figures: &mut LogFigures) {}

    /// See [`Driver::failing`]; as libFuzzer names what it leaves.
    fn failing(&self, artifacts: &Path) -> io::Result<Option<(PathBuf, FailureKind)>> {
        first_file(artifacts, |name| match name.split('-').next()? {
            "crash" => Some(FailureKind::Crash),
            "timeout" => Some(FailureKind::Hang),
            "oom" => Some(FailureKind::Memory),
            _ => None,
        })
    }

    /// See [`Driver::new_inputs`].
    fn new_inputs(&self, _artifacts: &Path) -> Option<PathBuf> {
        None
    }

    /// See [`Driver::input_at_hand`].
    fn input_at_hand(&self, _start: &Start<'_>, _executions: u64) -> Option<Vec<u8>> {
        None
    }
}

impl Driver {
    /// Every driver, the default first.
    pub const ALL: [Driver; 5] =
        [Driver::Libfuzzer, Driver::Seeded, Driver::Afl, Driver::Honggfuzz, Driver::Bolero];

    fn engine(self) -> &'static dyn Engine {
        match self {
            Driver::Libfuzzer => &libfuzzer::Libfuzzer,
            Driver::Seeded => &seeded::Seeded,
            Driver::Afl => &afl::Afl,
            Driver::Honggfuzz => &honggfuzz::Honggfuzz,
            Driver::Bolero => &bolero::Bolero,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.engine().name()
    }

    /// Whether it reads and writes folders of inputs.
    #[must_use]
    pub fn has_corpus(self) -> bool {
        self.engine().has_corpus()
    }

    /// Whether several of its processes share what they find.
    #[must_use]
    pub fn has_jobs(self) -> bool {
        self.engine().has_jobs()
    }

    /// Builds what it needs for `targets`.
    ///
    /// # Errors
    ///
    /// A tool cannot be installed, or the build fails; with what the compiler said.
    pub fn build(
        self,
        project: &Project,
        targets: &[&'static dyn AnyTarget],
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<()> {
        self.engine().build(project, targets, observer, stop)
    }

    /// The command that runs it, once its folders are ready.
    ///
    /// # Errors
    ///
    /// Its program cannot be found, or a folder cannot be read or written.
    pub fn command(self, start: &Start<'_>) -> Result<Command> {
        self.engine().command(start)
    }

    /// The libFuzzer program of a target, for what only it can do.
    pub(crate) fn libfuzzer_program(project: &Project, target: &dyn AnyTarget) -> Command {
        Command::new(libfuzzer::program(project, target))
    }

    /// An input that failed, if it left one in its folder of artifacts.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn failing(self, artifacts: &Path) -> io::Result<Option<(PathBuf, FailureKind)>> {
        self.engine().failing(artifacts)
    }

    /// The folder below its artifacts where it leaves new inputs, unless it adds them to the corpus
    /// itself.
    #[must_use]
    pub fn new_inputs(self, artifacts: &Path) -> Option<PathBuf> {
        self.engine().new_inputs(artifacts)
    }

    /// The input that its process was at when it died or hung, if the driver can tell and does not
    /// write it itself.
    #[must_use]
    pub fn input_at_hand(self, start: &Start<'_>, executions: u64) -> Option<Vec<u8>> {
        self.engine().input_at_hand(start, executions)
    }

    /// Whether the driver itself ends an input that takes too long.
    #[must_use]
    pub fn ends_hangs(self) -> bool {
        self.engine().ends_hangs()
    }

    /// Reads a line of its log.
    pub fn read_log(self, line: &str, figures: &mut LogFigures) {
        self.engine().read_log(line, figures);
    }

    /// Reads its file of statistics, if it has one.
    pub fn read_statistics(self, artifacts: &Path, figures: &mut LogFigures) {
        self.engine().read_statistics(artifacts, figures);
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

/// Runs the commands of a build, and says so: `what` names it in a line.
fn run_build(
    commands: impl IntoIterator<Item = Command>,
    what: &str,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<()> {
    observer.waiting(what)?;
    let start = Instant::now();
    for mut command in commands {
        match process::run(&mut command, Duration::MAX, stop)? {
            Ran::Ended(status, _) if status.success() => {}
            Ran::Ended(_, said) => {
                let arguments: Vec<_> = command.get_args().map(|word| word.display()).collect();
                let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
                bail!("cargo {} failed:\n{}", arguments.join(" "), said.trim_end())
            }
            Ran::TooLong | Ran::Stopped => bail!("interrupted"),
        }
    }
    observer.waited(start.elapsed())?;
    Ok(())
}

/// The targets that are built, in words.
fn in_words(targets: &[&'static dyn AnyTarget]) -> String {
    match targets {
        [target] => target.name().to_owned(),
        _ => format!("{} targets", targets.len()),
    }
}

/// Flags for the compiler behind those that a driver's command sets, so that these hold: assertions
/// as in the other drivers' builds, or a finding of one would not be another's; and no tracing of
/// comparisons, for the reason that [`libfuzzer`] gives.
fn flags() -> String {
    let own = "-C debug-assertions=off -C llvm-args=-sanitizer-coverage-trace-compares=0";
    format!("{own} {}", std::env::var("RUSTFLAGS").unwrap_or_default())
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
