//! bolero with its libFuzzer engine, built and run by cargo-bolero on the properties of
//! `fuzz/props`.
//!
//! The engine has the mutator of operations and the options of [`super::libfuzzer`]. From an empty
//! corpus, after 20 s with seed 1, `tree` reached 204 of 266 states and 12,847 edges with byte
//! mutations of 64 whole histories, 245 and 13,443 with the mutator, 258 and 14,076 with the
//! options, too. `grid` reached 91 of 93 states and 2,358 edges, 93 and 2,384, 93 and 2,441.
//! `cache_map` reached all 47 states each time, and 974, 977 and 994 edges.
//!
//! Traps: cargo-bolero splits the arguments for its engine at spaces, so folders are passed as
//! links whose paths have no spaces. cargo-bolero has no command that only builds, so a build is a
//! run of one execution on an empty corpus.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part};

use super::{Driver, HANG, LogFigures, MEMORY_MEGABYTES, Start, libfuzzer};
use crate::build::{self, Speed};
use crate::failing_input::FailureKind;
use crate::observer::Observer;
use crate::program::Program;
use crate::tools::{self, CARGO_BOLERO, CXX, Needs};

/// The folder of failing inputs, below the folder of artifacts.
const CRASHES: &str = "crashes";

pub(super) struct Bolero;

impl Driver for Bolero {
    fn name(&self) -> &'static str {
        "bolero"
    }

    fn needs(&self) -> Needs {
        Needs { packages: &[CXX], tools: &[CARGO_BOLERO] }
    }

    fn build(
        &self,
        project: &Project,
        target: &'static Listing,
        speed: Speed,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program> {
        self.needs().ensure(project, observer, stop)?;
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let folder = scratch.path();
        // All properties are in one program, so the build compiles every target.
        let mut command = cargo_bolero(project, target.name, folder, &folder.join(CRASHES));
        command.args(["--runs", "1"]);
        let what = "building every target for bolero";
        build::run(&mut command, what, observer, stop)?;
        build::plain_program(project, target, speed, observer, stop)
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        let mut links = Vec::new();
        for (number, folder) in start.corpus.iter().enumerate() {
            let folder = folder.canonicalize().context("cannot find a folder of inputs")?;
            let link = start.artifacts.join(format!("inputs-{number}"));
            symlink(folder, &link).context("cannot make a temporary link")?;
            links.push(link);
        }
        let (first, others) = links.split_first().context("there is no folder of inputs")?;
        let crashes = start.artifacts.join(CRASHES);
        let mut command = cargo_bolero(start.project, start.target.name(), first, &crashes);
        command
            .args(["-T", &format!("{}s", start.time.as_millis().div_ceil(1000))])
            .args(["-S", &(start.seed as u32).max(1).to_string()])
            .args(["--max-input-length", &start.target.budget().input_bytes.to_string()])
            .args(["--timeout", &format!("{}s", HANG.as_secs())])
            .arg(format!("--engine-args=-rss_limit_mb={MEMORY_MEGABYTES}"))
            .arg("--engine-args=-reload=1");
        if start.has(Part::Options) {
            for (name, value) in libfuzzer::options(start.target.budget()) {
                command.arg(format!("--engine-args=-{name}={value}"));
            }
        }
        for folder in others {
            command.arg(format!("--engine-args={}", folder.display()));
        }
        Ok(command)
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Histories, Part::Mutator, Part::Options, Part::States]
    }

    fn read_log(&self, line: &str, figures: &mut LogFigures) {
        libfuzzer::read_log(line, figures);
    }

    fn failing(&self, artifacts: &Path) -> io::Result<Vec<(PathBuf, FailureKind)>> {
        libfuzzer::Libfuzzer.failing(&artifacts.join(CRASHES))
    }
}

/// The command `cargo bolero test` for the property of `target`. The name of the target is the
/// first argument, because cargo-bolero would parse a name after `--sanitizer` as a sanitizer.
fn cargo_bolero(project: &Project, target: &str, corpus: &Path, crashes: &Path) -> Command {
    let mut command = tools::cargo(project);
    command
        .args(["bolero", "test", target, "--package", "downbeat-props"])
        .args(["--sanitizer", "NONE", "--profile", "fuzz", "--target-dir"])
        .arg(project.build().join("bolero"))
        .arg("--corpus-dir")
        .arg(corpus)
        .arg("--crashes-dir")
        .arg(crashes);
    build::set_plain_flags(&mut command, &super::FLAGS);
    command
}
