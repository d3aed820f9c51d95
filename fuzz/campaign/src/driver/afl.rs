//! AFL++ in persistent mode, built by cargo-afl (`fuzz/drivers/afl`).
//!
//! Inputs are made by the mutator of `fuzz/drivers/afl/mutator`, as under libFuzzer, and by AFL++'s
//! byte mutators after it. States of the system are edges of AFL++'s map (`fuzz/drivers/guards`).
//!
//! Several jobs are a main fuzzer and secondary fuzzers, which read each other's inputs.
//!
//! CmpLog is off, because tracing comparisons does not help; [`super::libfuzzer`] gives the reason.
//!
//! Traps:
//!
//! - AFL++ accepts no empty corpus, so an empty corpus is replaced by an input of one zero byte.
//! - By default AFL++ keeps its data in the user's home. `tools::cargo` sets the build folder
//!   instead.
//! - AFL++ continues after a hang, so the campaign must look for hangs.
//! - If a run exceeds its memory limit, an allocation fails and the run crashes.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part};

use super::{Driver, HANG, LogFigures, MEMORY_MEGABYTES, Start};
use crate::build::{self, Speed};
use crate::failing_input::FailureKind;
use crate::observer::Observer;
use crate::process::{self, Ran};
use crate::program::Program;
use crate::tools::{self, CARGO_AFL, CXX, MAKE, Needs};

/// AFL++ calibrates only in campaigns of at least this time: it runs each input of the corpus
/// several times before it fuzzes, and uses the result to choose inputs. For the 500 inputs of
/// `tree_twin` this takes 47 s on a busy machine, however short the campaign is. Without
/// calibration, a campaign of 2 s ends after 4 s.
const CALIBRATED_FROM: Duration = Duration::from_secs(600);

/// The name that AFL++ gives to the only fuzzer of a campaign, and to the fuzzer's folder.
const FUZZER: &str = "default";

/// The variable that names the target to the library of the mutator.
const TARGET_VARIABLE: &str = "DOWNBEAT_TARGET";

/// How often the fuzzers of a campaign read each other's inputs, in minutes. AFL++ knows no shorter
/// time.
const SYNC_MINUTES: &str = "1";

/// Why AFL++ cannot run at once.
const NOT_BUILT: &str = "AFL++ is not built for this toolchain";

pub(super) struct Afl;

impl Driver for Afl {
    fn name(&self) -> &'static str {
        "afl"
    }

    fn needs(&self) -> Needs {
        Needs { packages: &[CXX, MAKE], tools: &[CARGO_AFL] }
    }

    fn first_run(&self, project: &Project) -> Option<String> {
        let is_built = is_built(project, &AtomicBool::new(false)).unwrap_or(false);
        (!is_built).then(|| format!("{NOT_BUILT}; the first run builds it (half a minute)"))
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
        if !is_built(project, stop)? {
            let mut command = tools::cargo(project);
            command.args(["afl", "config", "--build", "--force"]);
            let what = format!("{NOT_BUILT}; building it in target/tools (half a minute)");
            build::run(&mut command, &what, observer, stop)?;
        }
        let mut command = tools::cargo(project);
        command
            .args(["afl", "build", "--package", "downbeat-afl", "--release"])
            .args(["--no-default-features", "--features"])
            .arg(format!("downbeat-targets/{}", target.name))
            .arg("--target-dir")
            .arg(target_dir(project));
        build::set_plain_flags(&mut command, &super::FLAGS);
        let what = format!("building {} for AFL++", target.name);
        build::run(&mut command, &what, observer, stop)?;
        let program = build::plain_program(project, target, speed, observer, stop)?;
        build::afl_mutator(project, target, speed, observer, stop)?;
        Ok(program)
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        let inputs = start.artifacts.join("inputs");
        if super::copy_inputs(start.corpus, &inputs)? == 0 {
            std::fs::write(inputs.join("zero"), [0]).context("cannot write a temporary file")?;
        }
        let hang = HANG.as_millis().to_string();
        let mut command = Command::new(program(start.project)?);
        if let Some(dictionary) = start.dictionary() {
            command.arg("-x").arg(dictionary);
        }
        if start.has(Part::Mutator) || start.has(Part::Histories) {
            command
                .env("AFL_CUSTOM_MUTATOR_LIBRARY", build::afl_mutator_of(start.target))
                .env(TARGET_VARIABLE, start.target.name());
        }
        place(start, &mut command)?;
        command
            .args(["-V", &start.time.as_millis().div_ceil(1000).to_string()])
            .args(["-s", &(start.seed as u32).to_string()])
            .args(["-G", &start.target.budget().input_bytes.to_string()])
            .args(["-t", &hang])
            .args(["-m", &MEMORY_MEGABYTES.to_string()])
            .args(["-c", "-"])
            .arg("-i")
            .arg(inputs)
            .arg("--")
            .arg(target_dir(start.project).join("release/downbeat-afl"))
            .arg(start.target.name())
            .envs([("AFL_NO_UI", "1"), ("AFL_BENCH_UNTIL_CRASH", "1"), ("AFL_HANG_TMOUT", &hang)])
            // A failing input of the corpus is a finding, too.
            .env("AFL_CRASHING_SEEDS_AS_NEW_CRASH", "1")
            .env("AFL_FUZZER_STATS_UPDATE_INTERVAL", "1")
            // Without these variables, AFL++ refuses to start on a machine whose cores are busy or
            // change their clock rates, or that passes core dumps to a program. On such a machine
            // AFL++ is slower, but still notices crashes.
            .envs([("AFL_NO_AFFINITY", "1"), ("AFL_SKIP_CPUFREQ", "1")])
            .env("AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1");
        if start.time < CALIBRATED_FROM {
            command.env("AFL_NO_STARTUP_CALIBRATION", "1");
        }
        Ok(command)
    }

    fn parts(&self) -> &'static [Part] {
        &[Part::Dictionary, Part::Histories, Part::Mutator, Part::States]
    }

    fn counts_states_as_edges(&self) -> bool {
        true
    }

    /// Reads lines such as `edges_found       : 2131`.
    fn read_statistics(&self, artifacts: &Path, figures: &mut LogFigures) {
        let path = artifacts.join(FUZZER).join("fuzzer_stats");
        for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
            let Some((name, number)) = line.split_once(':') else { continue };
            let place = match name.trim() {
                "edges_found" => &mut figures.edges,
                "corpus_count" => &mut figures.corpus,
                _ => continue,
            };
            *place = number.trim().parse().ok().or(*place);
        }
    }

    fn failing(&self, artifacts: &Path) -> io::Result<Vec<(PathBuf, FailureKind)>> {
        let fuzzer = artifacts.join(FUZZER);
        let mut files = Vec::new();
        for (folder, kind) in [("crashes", FailureKind::Crash), ("hangs", FailureKind::Hang)] {
            let named = |name: &str| name.starts_with("id:").then_some(kind);
            files.extend(super::files_of_kinds(&fuzzer.join(folder), named)?);
        }
        Ok(files)
    }

    fn new_inputs(&self, artifacts: &Path) -> Option<PathBuf> {
        Some(artifacts.join(FUZZER).join("queue"))
    }
}

/// Adds the folder of the fuzzer to its command, and its role if there are several. AFL++ wants the
/// folders of all fuzzers below the same folder, so a link in the folder of artifacts leads there.
fn place(start: &Start<'_>, command: &mut Command) -> Result<()> {
    if start.jobs == 1 {
        command.arg("-o").arg(start.artifacts);
        return Ok(());
    }
    let name = format!("fuzzer{}", start.number);
    symlink(start.shared.join(&name), start.artifacts.join(FUZZER))
        .context("cannot make a temporary link")?;
    let role = if start.number == 0 { "-M" } else { "-S" };
    command.arg("-o").arg(start.shared).args([role, &name]);
    command.env("AFL_SYNC_TIME", SYNC_MINUTES);
    Ok(())
}

/// Whether AFL++ is built for the current toolchain. cargo-afl includes AFL++, but builds it for a
/// single toolchain, and any command of cargo-afl fails for another one.
fn is_built(project: &Project, stop: &AtomicBool) -> Result<bool> {
    let mut probe = tools::cargo(project);
    let ran = process::run(probe.args(["afl", "version"]), Duration::MAX, stop)?;
    Ok(matches!(ran, Ran::Ended(status, _) if status.success()))
}

fn target_dir(project: &Project) -> PathBuf {
    project.build().join("afl")
}

/// The path of the program `afl-fuzz`. The program is called directly, because `cargo afl fuzz`
/// does not forward an interruption. A build for any toolchain is sufficient, because `afl-fuzz`
/// does not depend on the toolchain.
fn program(project: &Project) -> Result<PathBuf> {
    let data = tools::data(project).join("afl.rs");
    let toolchains = data.read_dir().with_context(|| format!("cannot read {}", data.display()))?;
    let version = format!("afl.rs-{}", CARGO_AFL.version);
    toolchains
        .filter_map(|toolchain| {
            Some(toolchain.ok()?.path().join(&version).join("afl/bin/afl-fuzz"))
        })
        .find(|program| program.is_file())
        .with_context(|| format!("no afl-fuzz in {}", data.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statistics_file_gives_edges_and_corpus() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(FUZZER)).expect("a folder");
        let text = "corpus_count      : 1151\nedges_found       : 2131\ntotal_edges : 9267\n";
        std::fs::write(folder.path().join(FUZZER).join("fuzzer_stats"), text).expect("a file");
        let mut figures = LogFigures::default();
        Afl.read_statistics(folder.path(), &mut figures);
        let expected = LogFigures { edges: Some(2131), features: None, corpus: Some(1151) };
        assert_eq!(figures, expected);
    }
}
