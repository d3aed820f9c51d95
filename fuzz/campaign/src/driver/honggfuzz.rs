//! honggfuzz in persistent mode, built by cargo-hfuzz (`fuzz/drivers/honggfuzz`).
//!
//! Traps: honggfuzz writes to its folder of inputs, so it gets a copy of the corpus. It has no
//! option for a seed. Its time limit is in whole seconds, and it stops one second late.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, MEMORY, Part};

use super::{Driver, HANG, LogFigures, Start};
use crate::build::{self, Speed};
use crate::failing_input::FailureKind;

use crate::observer::Observer;
use crate::program::Program;
use crate::tools::{self, BINUTILS, CARGO_HFUZZ, CXX, LIBUNWIND, MAKE, Needs};

/// The start of the names of inputs that take too long: the signal that ends such a run.
const TOO_LONG: &str = "SIGVTALRM.";

/// The file of statistics, below the folder of artifacts.
const STATISTICS: &str = "statistics";

/// The folder of new inputs, below the folder of artifacts.
const NEW: &str = "new";

/// The folder of failing inputs, below the folder of artifacts.
const CRASHES: &str = "crashes";

pub(super) struct Honggfuzz;

impl Driver for Honggfuzz {
    fn name(&self) -> &'static str {
        "honggfuzz"
    }

    fn needs(&self) -> Needs {
        Needs { packages: &[CXX, MAKE, BINUTILS, LIBUNWIND], tools: &[CARGO_HFUZZ] }
    }

    /// honggfuzz traces its processes. The system may forbid that to all programs.
    fn hindrance(&self) -> Option<String> {
        const SCOPE: &str = "/proc/sys/kernel/yama/ptrace_scope";
        let forbidden = std::fs::read_to_string(SCOPE).is_ok_and(|scope| scope.trim() == "3");
        forbidden.then(|| format!("{SCOPE} is 3, so no process can be traced; set it to 1 at boot"))
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
        let mut command = tools::cargo(project);
        command
            .args(["hfuzz", "build", "--package", "downbeat-honggfuzz"])
            .args(["--no-default-features", "--features"])
            .arg(format!("downbeat-targets/{}", target.name))
            .env("CARGO_TARGET_DIR", target_dir(project));
        build::set_plain_flags(&mut command, &super::FLAGS);
        let what = format!("building {} for honggfuzz", target.name);
        build::run(&mut command, &what, observer, stop)?;
        build::plain_program(project, target, speed, observer, stop)
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        let inputs = start.artifacts.join("inputs");
        super::copy_inputs(start.corpus, &inputs)?;
        let folder = |name: &str| {
            let folder = start.artifacts.join(name);
            std::fs::create_dir_all(&folder).context("cannot make a temporary folder")?;
            Ok::<_, anyhow::Error>(folder)
        };
        let target_dir = target_dir(start.project);
        let mut command = Command::new(target_dir.join("honggfuzz"));
        if let Some(dictionary) = start.dictionary() {
            command.arg("--dict").arg(dictionary);
        }
        command
            .args(["--persistent", "--verbose", "--exit_upon_crash", "--tmout_sigvtalrm"])
            .args(["--threads", &start.jobs.to_string()])
            .args(["--rlimit_data", &(MEMORY >> 20).to_string()])
            .args(["--timeout", &HANG.as_secs().to_string()])
            .args(["--max_file_size", &start.target.budget().input_bytes.to_string()])
            .args(["--run_time", &start.time.as_millis().div_ceil(1000).to_string()])
            .arg("--statsfile")
            .arg(start.artifacts.join(STATISTICS))
            .arg("--input")
            .arg(inputs)
            .arg("--output")
            .arg(folder("output")?)
            .arg("--covdir_new")
            .arg(folder(NEW)?)
            .arg("--crashdir")
            .arg(folder(CRASHES)?)
            .arg("--workspace")
            .arg(folder("workspace")?)
            .arg("--")
            .arg(target_dir.join(build::HOST).join("release/downbeat-honggfuzz"))
            .arg(start.target.name());
        Ok(command)
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Dictionary, Part::Histories, Part::States]
    }

    fn counts_states_as_edges(&self) -> bool {
        true
    }

    fn draws_histories(&self) -> bool {
        false
    }

    /// A thread of honggfuzz runs a process of the target. The threads share inputs and coverage.
    fn runs_all_jobs(&self) -> bool {
        true
    }

    /// Reads the last line: `unix_time, last_cov_update, total_exec, exec_per_sec, crashes,
    /// unique_crashes, hangs, edge_cov, block_cov, corpus_count`.
    fn read_statistics(&self, artifacts: &Path, figures: &mut LogFigures) {
        let text = end_of(&artifacts.join(STATISTICS)).unwrap_or_default();
        // The last line may be incomplete.
        let Some((lines, _)) = text.rsplit_once('\n') else { return };
        let line = lines.lines().last().unwrap_or("");
        let number = |place: usize| line.split(", ").nth(place)?.parse().ok();
        figures.edges = number(7).or(figures.edges);
        figures.corpus = number(9).or(figures.corpus);
    }

    fn failing(&self, artifacts: &Path) -> io::Result<Vec<(PathBuf, FailureKind)>> {
        super::files_of_kinds(&artifacts.join(CRASHES), |name| match name {
            _ if !name.ends_with(".fuzz") => None,
            _ if name.starts_with(TOO_LONG) => Some(FailureKind::Hang),
            _ => Some(FailureKind::Crash),
        })
    }

    fn new_inputs(&self, artifacts: &Path) -> Option<PathBuf> {
        Some(artifacts.join(NEW))
    }
}

/// The last 1,024 bytes of a file, more than a line of statistics has. The file grows during the
/// whole run.
fn end_of(path: &Path) -> io::Result<String> {
    const BYTES: u64 = 1024;
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut text = String::new();
    file.take(BYTES).read_to_string(&mut text)?;
    Ok(text)
}

fn target_dir(project: &Project) -> PathBuf {
    project.build().join("honggfuzz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_line_of_the_statistics_file_gives_edges_and_corpus() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = "# unix_time, last_cov_update\n17, 17, 1, 0, 0, 0, 0, 293, 8, 1\n\
                    17, 17, 41918, 4191, 0, 0, 0, 1171, 9, 1021\n17, 17, 5, 4, 0, 0";
        std::fs::write(folder.path().join(STATISTICS), text).expect("a file");
        let mut figures = LogFigures::default();
        Honggfuzz.read_statistics(folder.path(), &mut figures);
        let expected = LogFigures { edges: Some(1171), features: None, corpus: Some(1021) };
        assert_eq!(figures, expected);
    }

    #[test]
    fn the_name_of_an_input_distinguishes_a_hang_from_a_crash() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let crashes = folder.path().join(CRASHES);
        assert_eq!(Honggfuzz.failing(folder.path()).expect("the folder is readable"), []);
        std::fs::create_dir(&crashes).expect("a folder");
        for (name, kind) in
            [("SIGABRT.PC.7", FailureKind::Crash), ("SIGVTALRM.PC.0", FailureKind::Hang)]
        {
            let path = crashes.join(format!("{name}.STACK.0.fuzz"));
            std::fs::write(&path, b"").expect("a file");
            let found = Honggfuzz.failing(folder.path()).expect("the folder is readable");
            assert_eq!(found, [(path.clone(), kind)]);
            std::fs::remove_file(path).expect("the file exists");
        }
    }
}
