//! Findings in bulk: runs the failing inputs that any driver left, and files each failure once.
//!
//! Inputs are tried in the order of their lengths, so the shortest one of each failure is shrunk
//! and filed. Others that fail alike are counted.
//!
//! An input that passes is run [`RUNS`] times in all, each time in a new process. If it does not
//! fail each time, it is flaky. Flaky inputs are a defect of the suite, because runs are
//! deterministic, and they are not filed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Failure, MEMORY, corpus};

use super::shrink::{self, First};
use super::{Cabinet, FailureKind, Finding, Origin, Place, write};
use crate::driver::HANG;
use crate::folder::entries;
use crate::judge::{Judge, Verdict};
use crate::program::Program;
use crate::{inputs, tools};

/// How often an input that passes is run in all.
pub const RUNS: u32 = 100;

/// What to triage.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files, or folders of drivers.
    pub paths: Vec<PathBuf>,
    /// The time limit for shrinking one finding.
    pub time: Duration,
    /// Whether the canary is on.
    pub canary: bool,
}

/// An input that does not fail each time.
#[derive(Clone, Debug)]
pub struct Flaky {
    /// The file of the input.
    pub file: PathBuf,
    /// In how many of [`RUNS`] runs the input failed.
    pub failed: u32,
    /// One of its failures, if there is any.
    pub failure: Option<Failure>,
}

/// The result.
#[derive(Debug, Default)]
pub struct Triaged {
    /// The number of files.
    pub files: usize,
    /// The number of files with the input of an earlier file.
    pub duplicates: usize,
    /// One message for each file that is not an input.
    pub left_out: Vec<String>,
    /// The findings, each once.
    pub findings: Vec<Finding>,
    /// The number of inputs that fail like an input of one of the findings.
    pub alike: usize,
    /// The inputs that do not fail each time.
    pub flaky: Vec<Flaky>,
}

/// Runs the inputs, and shrinks and files those that fail. Calls `filed` with each finding.
///
/// # Errors
///
/// Returns an error if a path cannot be read, a folder cannot be written, no process can be
/// started, or `stop` is set. The findings until then are filed.
pub fn triage(
    project: &Project,
    target: &Program,
    options: &Options,
    filed: &mut dyn FnMut(&Finding) -> Result<()>,
    stop: &AtomicBool,
) -> Result<Triaged> {
    let mut triaged = Triaged::default();
    let inputs = gather(target, &options.paths, &mut triaged)?;
    let artifacts = project.artifacts(target.name());
    tools::ensure_writable(&artifacts)?;
    let mut judge = Judge::new(target, options.canary);
    // The number of each failure's finding.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for (bytes, file) in inputs {
        let first = shrink::first(target, &mut judge, &bytes, FailureKind::Crash, stop)?;
        if !first.repeated() {
            triaged.flaky.push(repeat(&mut judge, &bytes, &file, stop)?);
            continue;
        }
        let failure = &first.shrunk.failure;
        // A hang or an abort says little about its cause, so each gets its own folder.
        let known = numbers.get(&failure.identity).filter(|_| !failure.has_no_verdict());
        if let Some(number) = known {
            let finding = &mut triaged.findings[*number];
            finding.seen += 1;
            write(&finding.folder.join("seen"), format!("{}\n", finding.seen).as_bytes())?;
            triaged.alike += 1;
            continue;
        }
        let origin = Origin::OneOfMany(&file);
        let folder = artifacts.clone();
        let cabinet = Cabinet { target, folder, root: project.root(), origin };
        let finding = cabinet.file_and_shrink(&mut judge, &first, options.time, stop)?;
        if let Some(number) = triaged.findings.iter().position(|f| f.folder == finding.folder) {
            triaged.findings[number].seen = finding.seen;
            triaged.alike += 1;
            continue;
        }
        filed(&finding)?;
        numbers.insert(failure.identity.clone(), triaged.findings.len());
        triaged.findings.push(finding);
    }
    Ok(triaged)
}

impl Cabinet<'_> {
    /// Files an input, and shrinks it unless the same finding is filed already.
    fn file_and_shrink(
        &self,
        judge: &mut Judge<'_>,
        first: &First,
        time: Duration,
        stop: &AtomicBool,
    ) -> Result<Finding> {
        let mut place = self.file(judge, first)?;
        if place.seen == 1 {
            return self.shrink(judge, None, first, &mut place, time, stop);
        }
        let Place { folder, seen } = place;
        write(&folder.join("seen"), format!("{seen}\n").as_bytes())?;
        let report = folder.join("report.txt");
        let reason = || format!("cannot read {}", report.display());
        let report = std::fs::read_to_string(&report).with_context(reason)?;
        Ok(Finding { failure: first.shrunk.failure.clone(), report, folder, seen, is_wanted: true })
    }
}

/// Runs an input that passed once until it has run [`RUNS`] times.
fn repeat(judge: &mut Judge<'_>, bytes: &[u8], file: &Path, stop: &AtomicBool) -> Result<Flaky> {
    let mut flaky = Flaky { file: file.to_owned(), failed: 0, failure: None };
    for _ in 1..RUNS {
        judge.renew(MEMORY);
        match judge.judge(bytes, false, HANG, stop)?.verdict {
            Verdict::Passes => {}
            Verdict::Fails(failure) => {
                flaky.failed += 1;
                flaky.failure = Some(failure);
            }
            Verdict::Stopped => bail!("interrupted; the findings so far are filed"),
        }
    }
    Ok(flaky)
}

/// Reads the inputs of `paths`, each once, the shortest first.
fn gather(
    target: &Program,
    paths: &[PathBuf],
    triaged: &mut Triaged,
) -> Result<Vec<(Vec<u8>, PathBuf)>> {
    let mut inputs = Vec::new();
    let mut names = BTreeSet::new();
    for path in paths {
        let files = failing_files(path)?;
        ensure!(!files.is_empty(), "no failing inputs in {}", path.display());
        for file in files {
            triaged.files += 1;
            match inputs::read(target, &file) {
                Err(error) => triaged.left_out.push(format!("{error:#}")),
                Ok(bytes) if names.insert(corpus::name(&bytes)) => inputs.push((bytes, file)),
                Ok(_) => triaged.duplicates += 1,
            }
        }
    }
    inputs.sort_by(|(one, a), (other, b)| (one.len(), a).cmp(&(other.len(), b)));
    Ok(inputs)
}

/// The files of failing inputs in a folder, sorted by path:
///
/// - of a folder of AFL++ or bolero, or of one of AFL++'s fuzzers, the files in `crashes` and
///   `hangs`;
/// - of any other folder, its files, except texts about the run and libFuzzer's inputs that are
///   only slow.
///
/// If `path` is a file, returns the file itself.
fn failing_files(path: &Path) -> Result<Vec<PathBuf>> {
    let reason = || format!("cannot read {}", path.display());
    if !path.metadata().with_context(reason)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let own = entries(path)?;
    let mut folders = Vec::new();
    for folder in std::iter::once(path).chain(own.iter().map(PathBuf::as_path)) {
        folders.extend(["crashes", "hangs"].map(|name| folder.join(name)));
    }
    folders.retain(|folder| folder.is_dir());
    let mut files = Vec::new();
    if folders.is_empty() {
        files.extend(own);
    }
    for folder in &folders {
        files.extend(entries(folder)?);
    }
    files.retain(|file| file.is_file() && !is_known_to_pass(file));
    Ok(files)
}

/// Whether a driver writes something other than failing inputs to files of this name.
fn is_known_to_pass(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.')
        || name.starts_with("slow-unit-")
        || ["README.txt", "HONGGFUZZ.REPORT.TXT"].contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failing_inputs_of_each_driver_are_found() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str| {
            let path = scratch.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        };
        let found = |folder: &str| -> Vec<String> {
            let folder = scratch.path().join(folder);
            let files = failing_files(&folder).expect("a folder");
            let names = files.iter().map(|file| {
                let name = file.strip_prefix(&folder).expect("it is inside");
                name.display().to_string()
            });
            names.collect()
        };
        for name in ["crash-1", "oom-2", "timeout-3", "slow-unit-4", ".hidden"] {
            write(&format!("libfuzzer/{name}"));
        }
        assert_eq!(found("libfuzzer"), ["crash-1", "oom-2", "timeout-3"]);
        for name in ["crashes/id:0", "crashes/README.txt", "hangs/id:1", "queue/id:2", "cmdline"] {
            write(&format!("afl/main/{name}"));
        }
        write("afl/second/crashes/id:0");
        let afl = ["main/crashes/id:0", "main/hangs/id:1", "second/crashes/id:0"];
        assert_eq!(found("afl"), afl);
        assert_eq!(found("afl/main"), ["crashes/id:0", "hangs/id:1"]);
        for name in ["SIGABRT.PC.7.STACK.0.fuzz", "HONGGFUZZ.REPORT.TXT"] {
            write(&format!("honggfuzz/{name}"));
        }
        assert_eq!(found("honggfuzz"), ["SIGABRT.PC.7.STACK.0.fuzz"]);
        for name in ["corpus/a", "crashes/b"] {
            write(&format!("bolero/{name}"));
        }
        assert_eq!(found("bolero"), ["crashes/b"]);
    }
}
