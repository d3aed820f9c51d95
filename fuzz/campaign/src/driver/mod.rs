//! What is particular to each driver: how it is built and started, what its log says, and where it
//! leaves an input that fails.
//!
//! Every driver is a child process that shares its figures through a file of counters
//! (`downbeat::counters`).

mod libfuzzer;
mod seeded;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use downbeat::AnyTarget;
use downbeat::project::Project;

use crate::observer::Observer;

/// Time after which one input is a hang.
pub(crate) const HANG: Duration = Duration::from_secs(20);

/// A driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// libFuzzer: coverage-guided.
    Libfuzzer,
    /// Inputs from a seed, without coverage.
    Seeded,
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
    /// Where inputs that fail go.
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

impl Driver {
    /// Every driver, the default first.
    pub const ALL: [Driver; 2] = [Driver::Libfuzzer, Driver::Seeded];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Driver::Libfuzzer => "libfuzzer",
            Driver::Seeded => "seeded",
        }
    }

    /// Whether it reads and writes folders of inputs.
    #[must_use]
    pub fn has_corpus(self) -> bool {
        self == Driver::Libfuzzer
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
        match self {
            Driver::Libfuzzer => libfuzzer::build(project, targets, observer, stop),
            Driver::Seeded => Ok(()),
        }
    }

    /// The command that runs it.
    ///
    /// # Errors
    ///
    /// Its program cannot be found.
    pub fn command(self, start: &Start<'_>) -> Result<Command> {
        match self {
            Driver::Libfuzzer => Ok(libfuzzer::command(start)),
            Driver::Seeded => seeded::command(start),
        }
    }

    /// The libFuzzer program of a target, for what only it can do.
    pub(crate) fn libfuzzer_program(project: &Project, target: &dyn AnyTarget) -> Command {
        Command::new(libfuzzer::program(project, target))
    }

    /// The input that its process was at when it died or hung, if the driver can tell.
    #[must_use]
    pub fn input_at_hand(self, start: &Start<'_>, executions: u64) -> Option<Vec<u8>> {
        match self {
            // It writes such an input itself.
            Driver::Libfuzzer => None,
            Driver::Seeded => Some(seeded::input(start.target, start.seed, executions)),
        }
    }

    /// Whether the driver itself ends an input that takes too long.
    #[must_use]
    pub fn ends_hangs(self) -> bool {
        self == Driver::Libfuzzer
    }

    /// Reads a line of its log.
    pub fn read_log(self, line: &str, figures: &mut LogFigures) {
        match self {
            Driver::Libfuzzer => libfuzzer::read_log(line, figures),
            Driver::Seeded => {}
        }
    }
}
