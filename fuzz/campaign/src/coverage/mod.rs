//! Coverage of the core by corpora.
//!
//! A program with all targets is built with coverage counters. It replays the corpora, and LLVM's
//! tools make a report from the counters.
//!
//! The build has a separate folder, `target/coverage`. In the shared folder, cargo would rebuild
//! everything whenever builds with and without coverage flags alternate.
//!
//! Generic code that is never instantiated does not appear in the report, because the compiler
//! generates no code for it.

mod llvm;
mod report;

pub use report::{Component, Count, Report, Uncovered};

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat_protocol::CANARY_VARIABLE;
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;
use nanoserde::{DeJson, SerJson};

use crate::build::{self, HOST, Speed};
use crate::observer::Observer;
use crate::process::{self, Ran};
use crate::{inputs, tools};
pub use llvm::Llvm;

/// The folder of the core's sources in a checkout.
const SOURCES: &str = "lsm/src";

/// Unit tests, which the report leaves out.
const NOT_SOURCES: &str = r"/tests\.rs$";

/// What to measure.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// A folder of inputs that replaces the committed corpora.
    pub corpus: Option<PathBuf>,
    /// Whether the core's own tests run, too.
    pub tests: bool,
    /// The folder of the HTML pages; the default is `target/coverage/html`.
    pub html: Option<PathBuf>,
    /// Set by the caller to interrupt.
    pub stop: &'a AtomicBool,
}

/// The coverage of each component that was measured last; empty if it was never measured.
#[must_use]
pub fn stored(project: &Project) -> Vec<Component> {
    let text = std::fs::read_to_string(stored_path(project)).unwrap_or_default();
    DeJson::deserialize_json(&text).unwrap_or_default()
}

fn stored_path(project: &Project) -> PathBuf {
    project.build().join("coverage/components.json")
}

impl Plan<'_> {
    /// Builds the program, replays the corpora of `targets`, and returns the report.
    ///
    /// # Errors
    ///
    /// Returns an error if LLVM's tools are missing, a build fails, a file cannot be read or
    /// written, or `stop` is set.
    pub fn run(&self, targets: &[&'static Listing], observer: &mut dyn Observer) -> Result<Report> {
        let llvm = Llvm::find(self.project)?;
        let corpora: Vec<PathBuf> = targets.iter().map(|target| self.corpus(target)).collect();
        for corpus in &corpora {
            inputs::files_or_refuse(corpus)?;
        }
        // The version of a committed corpus is the present one.
        if let Some(corpus) = &self.corpus {
            for target in targets {
                let soon = Speed::Soon;
                let program =
                    build::plain_program(self.project, target, soon, observer, self.stop)?;
                inputs::ensure_present(&program, corpus)?;
            }
        }
        let profiles = self.folder().join("profiles");
        make_anew(&profiles)?;

        observer.waiting("building with coverage counters")?;
        let start = Instant::now();
        let build = ["build", "--package", "downbeat-targets", "--example", "replay"];
        let mut programs = self.build(&build)?;
        let Some(program) = programs.first().cloned() else { bail!("cargo built no program") };
        if self.tests {
            let tests = ["test", "--no-run", "--package", "downbeat-lsm", "--tests"];
            programs.extend(self.build(&[&tests[..], &["--features", "verify"]].concat())?);
        }
        observer.waited(start.elapsed(), "")?;

        observer.waiting("replaying inputs with coverage counters")?;
        let start = Instant::now();
        let mut failing = Vec::new();
        for (target, corpus) in targets.iter().zip(&corpora) {
            let mut command = Command::new(&program);
            command.arg(target.name).arg(corpus);
            command.env_remove(CANARY_VARIABLE);
            if !self.cover(&mut command, &profiles)? {
                failing.push(format!("an input in {} fails", corpus.display()));
            }
        }
        for test in &programs[1..] {
            let mut command = Command::new(test);
            command.current_dir(self.project.root().join("lsm"));
            if !self.cover(&mut command, &profiles)? {
                failing.push(format!("{} fails", test.display()));
            }
        }
        observer.waited(start.elapsed(), "")?;
        let mut report = self.report(&llvm, &programs, &profiles)?;
        report.failing = failing;
        let stored = stored_path(self.project);
        std::fs::write(&stored, report.components.serialize_json())
            .with_context(|| format!("cannot write {}", stored.display()))?;
        Ok(report)
    }

    fn folder(&self) -> PathBuf {
        self.project.build().join("coverage")
    }

    fn corpus(&self, target: &Listing) -> PathBuf {
        self.corpus.clone().unwrap_or_else(|| self.project.corpus(target.name))
    }

    /// Runs cargo with counters and returns the programs that it built.
    ///
    /// The build is always incremental. Otherwise the compiler inlines small functions across
    /// crates before it places counters, so calls from tests are not counted. Without incremental
    /// builds, 8 to 15 functions of the core wrongly appeared as uncovered.
    fn build(&self, arguments: &[&str]) -> Result<Vec<PathBuf>> {
        let mut command = tools::cargo(self.project);
        command
            .args(arguments)
            .args(["--target", HOST, "--message-format", "json-render-diagnostics"])
            .arg("--target-dir")
            .arg(self.folder())
            .env("CARGO_INCREMENTAL", "1");
        build::set_flags(&mut command, &["-Cinstrument-coverage"]);
        let messages = self.output(&mut command, "cargo")?;
        let messages = messages.lines().map(|line| {
            Message::deserialize_json(line).context("cannot parse the output of cargo")
        });
        let programs = messages
            .filter_map(|message| message.map(|m| m.executable.map(PathBuf::from)).transpose());
        programs.collect()
    }

    /// Runs a program that writes counters. Returns whether all of its inputs or tests pass.
    fn cover(&self, command: &mut Command, profiles: &Path) -> Result<bool> {
        command.env("LLVM_PROFILE_FILE", profiles.join("%p-%m.profraw"));
        match process::run(command, Duration::MAX, self.stop)? {
            Ran::Ended(status, said) => match status.code() {
                Some(0) => Ok(true),
                // The standard test harness exits with 101.
                Some(1 | 101) => Ok(false),
                _ => bail!(
                    "{} ended with {status}: {}",
                    command.get_program().display(),
                    process::last_line(&said)
                ),
            },
            Ran::TooLong | Ran::Stopped => bail!("interrupted"),
        }
    }

    fn report(&self, llvm: &Llvm, programs: &[PathBuf], profiles: &Path) -> Result<Report> {
        let merged = self.folder().join("merged.profdata");
        let mut merge = Command::new(&llvm.profdata);
        merge.args(["merge", "-sparse"]).arg(profiles).arg("-o").arg(&merged);
        self.output(&mut merge, "llvm-profdata")?;
        let sources = self.project.root().join(SOURCES);
        let llvm_cov = |what: &str| {
            let mut command = Command::new(&llvm.cov);
            command.arg(what).arg("-instr-profile").arg(&merged);
            programs.iter().for_each(|program| {
                command.arg("-object").arg(program);
            });
            command.arg(format!("-ignore-filename-regex={NOT_SOURCES}"));
            command
        };
        let mut export = llvm_cov("export");
        let exported = self.output(export.arg("-sources").arg(&sources), "llvm-cov")?;
        let mut report = Report::read(&exported, &sources)?;

        let html = self.html.clone().unwrap_or_else(|| self.folder().join("html"));
        if self.html.is_none() {
            make_anew(&html)?;
        }
        let mut show = llvm_cov("show");
        show.args(["-format=html", "-show-directory-coverage", "-show-instantiations=false"])
            .arg(format!("-output-dir={}", html.display()))
            .arg("-sources")
            .arg(&sources);
        self.output(&mut show, "llvm-cov")?;
        report.html = html.join("index.html");
        Ok(report)
    }

    /// Runs a command and returns its standard output. The command must succeed.
    fn output(&self, command: &mut Command, name: &str) -> Result<String> {
        let file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
        let stdout: File = file.reopen().context("cannot make a temporary file")?;
        match process::run_into(command, stdout, Duration::MAX, self.stop)? {
            Ran::Ended(status, _) if status.success() => {
                std::fs::read_to_string(file.path()).context("cannot read a temporary file")
            }
            Ran::Ended(_, said) => bail!("{name} failed:\n{}", said.trim_end()),
            Ran::TooLong | Ran::Stopped => bail!("interrupted"),
        }
    }
}

/// One line of cargo's JSON output.
#[derive(DeJson)]
struct Message {
    executable: Option<String>,
}

/// Creates an empty folder and removes what an earlier run left there.
fn make_anew(folder: &Path) -> Result<()> {
    let reason = || format!("cannot write {}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(reason)?;
    }
    std::fs::create_dir_all(folder).with_context(reason)
}
