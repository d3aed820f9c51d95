//! A finding: a failing input that is kept, shrunk, reported and filed.
//!
//! The files of a finding are in `fuzz/artifacts/TARGET/IDENTITY-N/`:
//!
//! | file | contents |
//! |---|---|
//! | `input` | the shrunk input, as bytes |
//! | `ops.txt` | the shrunk input as text, with literal keys |
//! | `test.rs` | a test that runs the input and fails |
//! | `report.txt` | the printed report |
//! | `note.md` | the start of a note on the bug |
//! | `found` | the input as the driver left it |
//! | `seen` | how often the finding was seen, if more than once |
//!
//! - Before the input runs again, it is kept as `fuzz/artifacts/TARGET/unfiled-NAME`. This file is
//!   removed when the input is filed.
//! - All files except `seen` are written before the input is shrunk, so nothing is lost if this
//!   program ends while it shrinks.
//! - Another finding with the same identity is counted and not filed, if the filed input still
//!   fails in the same way. Hangs and aborts are counted only if their inputs are equal.

mod rate;
pub mod report;
mod shrink;
pub mod triage;
mod wanted;

pub use crate::failing_input::{FailingInput, FailureKind};
pub use shrink::TIME;
pub use wanted::Wanted;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::program::Program;
use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;
use downbeat_protocol::{Failure, corpus};

use shrink::{First, Shrunk};
use wanted::Search;

use crate::driver::Driver;
use crate::folder::write_whole;
use crate::judge::Judge;
use crate::{inputs, tools};

/// How an input was found.
#[derive(Clone, Copy, Debug)]
pub struct Discovery<'a> {
    /// The driver.
    pub driver: &'static dyn Driver,
    /// The time since the driver started.
    pub after: Duration,
    /// The number of executions since the driver started.
    pub executions: u64,
    /// Whether the canary was on.
    pub canary: bool,
    /// The bug that is searched for; `None` if any bug is.
    pub wanted: Option<Wanted<'a>>,
}

/// A filed finding.
#[derive(Debug)]
pub struct Finding {
    /// The failure.
    pub failure: Failure,
    /// The report, as lines.
    pub report: String,
    /// The folder of the finding.
    pub folder: PathBuf,
    /// How often the finding was seen, including this time.
    pub seen: u64,
    /// Whether the finding is the bug that was searched for; true if any bug was.
    pub is_wanted: bool,
}

/// Writes `input` to the folder of artifacts, where it stays until it is filed. An input that is
/// already kept is not written again. Returns the path of the file, relative to the checkout.
///
/// # Errors
///
/// Returns an error if the file cannot be written. The input is then only in the driver's folder.
pub fn keep(project: &Project, target: &Listing, input: &FailingInput) -> Result<String> {
    let kept = unfiled(project, target, input);
    let path = shown(project, &kept);
    // A second write could fail where the first one did not.
    if std::fs::read(&kept).is_ok_and(|bytes| bytes == input.bytes) {
        return Ok(path);
    }
    tools::ensure_writable(&project.artifacts(target.name))
        .and_then(|()| write_whole(&kept, &input.bytes))
        .with_context(|| format!("cannot keep a failing input as {path}"))?;
    Ok(path)
}

/// The file of an input that is not filed yet.
fn unfiled(project: &Project, target: &Listing, input: &FailingInput) -> PathBuf {
    project.artifacts(target.name).join(format!("unfiled-{}", corpus::name(&input.bytes)))
}

/// A path for a message, relative to the checkout.
fn shown(project: &Project, path: &Path) -> String {
    path.strip_prefix(project.root()).unwrap_or(path).display().to_string()
}

/// Keeps `input`, files it, shrinks it, and files the shrunk input. If `stop` is set during the
/// search, the shrunk input is the smallest one that was found.
///
/// # Errors
///
/// Returns an error if the folder of artifacts cannot be written or no process can be started. The
/// error names the file that holds the input.
pub fn file(
    project: &Project,
    target: &Program,
    input: &FailingInput,
    discovery: Discovery<'_>,
    stop: &AtomicBool,
) -> Result<Finding> {
    let path = keep(project, target.listing(), input)?;
    let kept = unfiled(project, target.listing(), input);

    let mut judge = Judge::new(target, discovery.canary);
    let folder = project.artifacts(target.name());
    let origin = Origin::Driver(discovery, input);
    let cabinet = Cabinet { target, folder, root: project.root(), origin };
    let first = shrink::first(target, &mut judge, &input.bytes, input.kind, stop);
    let filed = first.and_then(|first| Ok((cabinet.file(&mut judge, &first)?, first)));
    let (mut place, mut first) = filed.with_context(|| {
        format!("cannot file a finding; its input is {path}, which `downbeat shrink` can file")
    })?;
    std::fs::remove_file(&kept).with_context(|| format!("cannot remove {path} after filing it"))?;
    let mut search = discovery.wanted.as_ref().map(Search::new);
    let shrunk = shrink::decide(&mut first, search.as_mut(), stop)
        .and_then(|()| cabinet.shrink(&mut judge, search.as_mut(), &first, &mut place, TIME, stop));
    shrunk.with_context(|| {
        let folder = shown(project, &place.folder);
        format!("cannot update a finding; its input is {folder}/found")
    })
}

/// What to shrink, and where to file it.
#[derive(Clone, Debug)]
pub struct ShrinkOptions {
    /// The file of the input, bytes or text, or the folder of a finding.
    pub input: PathBuf,
    /// The time limit.
    pub time: Duration,
    /// The folder in which the folder of the finding is created.
    pub out: PathBuf,
    /// The folder to which printed paths are relative.
    pub root: PathBuf,
    /// Whether the canary is on.
    pub canary: bool,
}

/// Shrinks the input in a file and files it as a finding. Calls `began` with the failure before the
/// search for smaller inputs.
///
/// # Errors
///
/// Returns an error if the input cannot be read or does not fail, a folder cannot be written, or no
/// process can be started.
pub fn shrink(
    target: &Program,
    options: &ShrinkOptions,
    began: &mut dyn FnMut(&Failure) -> Result<()>,
    stop: &AtomicBool,
) -> Result<Finding> {
    let ShrinkOptions { input, time, out, root, canary } = options;
    let files = inputs::files_or_refuse(input)?;
    let [path] = &files[..] else {
        bail!("{} has {} inputs; name one", input.display(), files.len())
    };
    let bytes = inputs::read(target, path)?;
    tools::ensure_writable(out)?;
    let mut judge = Judge::new(target, *canary);
    let first = shrink::first(target, &mut judge, &bytes, FailureKind::Crash, stop)?;
    if !first.repeated() {
        ensure!(first.shrunk.failure.check.ends_with("/run-not-repeated"), "interrupted");
        bail!("{} passes; there is nothing to shrink", path.display());
    }
    began(&first.shrunk.failure)?;
    let cabinet = Cabinet { target, folder: out.clone(), root, origin: Origin::File(input) };
    let mut place = cabinet.file(&mut judge, &first)?;
    cabinet.shrink(&mut judge, None, &first, &mut place, *time, stop)
}

/// The origin of an input.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// A driver has just found it.
    Driver(Discovery<'a>, &'a FailingInput),
    /// The user asks to shrink the input in this file.
    File(&'a Path),
    /// The file is one of several, which may fail alike.
    OneOfMany(&'a Path),
}

impl Origin<'_> {
    /// Whether an input that fails like a filed one is counted with it, and gets no folder.
    fn counts(self) -> bool {
        !matches!(self, Origin::File(_))
    }
}

/// The folder of a finding, and how often the finding was seen.
struct Place {
    folder: PathBuf,
    seen: u64,
}

/// Files findings in a folder.
struct Cabinet<'a> {
    target: &'a Program,
    folder: PathBuf,
    root: &'a Path,
    origin: Origin<'a>,
}

impl Cabinet<'_> {
    /// Files an input before it is shrunk, unless the same finding is already filed.
    fn file(&self, judge: &mut Judge<'_>, first: &First) -> Result<Place> {
        let place = self.place(judge, first)?;
        if place.seen == 1 {
            write(&place.folder.join("found"), &first.shrunk.bytes)?;
            write(&place.folder.join("note.md"), report::note(&first.shrunk).as_bytes())?;
            self.write(&place.folder, &first.shrunk)?;
        }
        Ok(place)
    }

    /// Shrinks a filed input and files the result. `place` becomes the place of the result.
    fn shrink(
        &self,
        judge: &mut Judge<'_>,
        search: Option<&mut Search<'_>>,
        first: &First,
        place: &mut Place,
        time: Duration,
        stop: &AtomicBool,
    ) -> Result<Finding> {
        let mut shrunk = match first.is_worth_shrinking() {
            true => shrink::shrink(self.target, judge, search, first, time, stop)?,
            false => first.shrunk.clone(),
        };
        // A hang takes long, and says nothing more when it is repeated.
        if self.target.listing().is_adapter && !first.hangs() && shrunk.is_wanted {
            shrunk.failed_again = rate::failed_again(judge, &shrunk, first.limit, stop)?;
        }
        if place.seen == 1 {
            match self.twin(&place.folder, &shrunk) {
                None => self.write(&place.folder, &shrunk)?,
                Some(folder) => {
                    std::fs::remove_dir_all(&place.folder)
                        .with_context(|| format!("cannot remove {}", place.folder.display()))?;
                    // If the user shrinks an input again, its finding is not counted again.
                    *place = match self.origin.counts() {
                        true => again(folder),
                        false => Place { folder, seen: 1 },
                    };
                }
            }
        }
        let Place { folder, seen } = place;
        if *seen > 1 {
            write(&folder.join("seen"), format!("{seen}\n").as_bytes())?;
        }
        let report = self.report(folder, &shrunk)?;
        let (seen, is_wanted) = (*seen, shrunk.is_wanted);
        Ok(Finding { failure: shrunk.failure, report, folder: folder.clone(), seen, is_wanted })
    }

    /// The place of an input: a new folder, or the folder of a filed finding with the same failure.
    ///
    /// If a filed input no longer fails, or fails in another way, its folder is a different finding
    /// and is not changed. A hang or an abort gives little information about its cause, so two of
    /// them are the same finding only if their inputs are equal. An input that the user asks to
    /// shrink always gets a new folder.
    fn place(&self, judge: &mut Judge<'_>, first: &First) -> Result<Place> {
        let Shrunk { bytes, failure, .. } = &first.shrunk;
        for number in 1.. {
            let folder = self.numbered(failure, number);
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Place { folder, seen: 1 }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let why = format!("cannot create the folder {}", folder.display());
                    return Err(anyhow::Error::new(error).context(why));
                }
            }
            let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
            let filed = read("input");
            let same = match failure.has_no_verdict() {
                _ if !self.origin.counts() => false,
                true => filed == *bytes || read("found") == *bytes,
                false => shrink::fails_alike(judge, &filed, failure, first.limit)?,
            };
            if same {
                return Ok(again(folder));
            }
        }
        unreachable!("finding: every number is in use")
    }

    /// The folder, other than `own`, of a filed finding with the same shrunk input.
    fn twin(&self, own: &Path, shrunk: &Shrunk) -> Option<PathBuf> {
        for number in 1.. {
            let folder = self.numbered(&shrunk.failure, number);
            if !folder.exists() {
                break;
            }
            if folder != own && std::fs::read(folder.join("input")).is_ok_and(|b| b == shrunk.bytes)
            {
                return Some(folder);
            }
        }
        None
    }

    fn numbered(&self, failure: &Failure, number: u32) -> PathBuf {
        self.folder.join(format!("{}-{number}", failure.identity))
    }

    /// Writes the files that shrinking changes.
    fn write(&self, folder: &Path, shrunk: &Shrunk) -> Result<()> {
        let driver = match self.origin {
            Origin::Driver(discovery, _) => Some(discovery.driver),
            Origin::File(_) | Origin::OneOfMany(_) => None,
        };
        write(&folder.join("input"), &shrunk.bytes)?;
        write(&folder.join("ops.txt"), self.target.show(&shrunk.bytes)?.as_bytes())?;
        write(&folder.join("test.rs"), report::test(self.target, shrunk, driver)?.as_bytes())?;
        write(&folder.join("report.txt"), self.report(folder, shrunk)?.as_bytes())
    }

    fn report(&self, folder: &Path, shrunk: &Shrunk) -> Result<String> {
        let place = folder.strip_prefix(self.root).unwrap_or(folder);
        report::report(self.target, shrunk, self.origin, place, &Project::at(self.root))
    }
}

/// The place of a finding that was filed in `folder` and is seen again.
fn again(folder: PathBuf) -> Place {
    let seen = std::fs::read_to_string(folder.join("seen")).unwrap_or_default();
    Place { folder, seen: seen.trim().parse().unwrap_or(1) + 1 }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use downbeat_protocol::message::{self, Reply};
    use downbeat_protocol::registry::CACHE_MAP;
    use downbeat_protocol::{Elsewhere, Encoding, Facts};

    use super::*;
    use crate::driver::SEEDED;

    fn failing_input() -> FailingInput {
        FailingInput { bytes: vec![1, 2, 3], kind: FailureKind::Crash, log: String::new() }
    }

    /// A program that answers its first request with facts. Its file is then removed, so that no
    /// further process can be started.
    fn program_without_file(folder: &Path) -> Program {
        let facts = Facts {
            kinds: Vec::new(),
            events: Vec::new(),
            faults: Vec::new(),
            states: Vec::new(),
            elsewhere: Elsewhere::NOTHING,
            overflow_checks: true,
            encoding: Encoding::FIRST,
        };
        let mut reply = Vec::new();
        message::reply(&mut reply, &Reply::Facts(facts)).expect("memory can be written");
        let [reply_file, script, program] = ["reply", "script", "program"].map(|n| folder.join(n));
        std::fs::write(&reply_file, reply).expect("a file");
        let text = format!("#!/bin/sh\ncat '{}'\nexec cat\n", reply_file.display());
        std::fs::write(&script, text).expect("a file");
        // This process must never have the program open for writing. A child that another test
        // starts at that moment would inherit the open file, and the system starts no program whose
        // file is open for writing.
        let mut install = Command::new("install");
        install.args(["-m", "755"]).args([&script, &program]);
        assert!(install.status().expect("install starts").success());
        let opened = Program::open(&CACHE_MAP, &program).expect("the program answers");
        std::fs::remove_file(program).expect("the program exists");
        opened
    }

    #[test]
    fn a_finding_that_cannot_be_filed_keeps_its_input_and_names_the_file() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let program = program_without_file(root.path());
        let after = Duration::from_secs(1);
        let discovery =
            Discovery { driver: SEEDED, after, executions: 1, canary: false, wanted: None };
        let stop = AtomicBool::new(false);
        let input = failing_input();
        let filed = file(&project, &program, &input, discovery, &stop);
        let said = format!("{:#}", filed.expect_err("no process can be started"));
        let kept = format!("fuzz/artifacts/cache_map/unfiled-{}", corpus::name(&input.bytes));
        let start = format!("cannot file a finding; its input is {kept}, ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{said}");
        let kept = std::fs::read(root.path().join(kept)).expect("the input is kept");
        assert_eq!(kept, input.bytes);
    }

    #[test]
    fn an_input_that_cannot_be_kept_is_an_error_with_the_name_of_the_file() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        std::fs::create_dir(root.path().join("fuzz")).expect("a folder");
        std::fs::write(root.path().join("fuzz/artifacts"), "in the way").expect("a file");
        let input = failing_input();
        let kept = keep(&project, &CACHE_MAP, &input).expect_err("a file is in the way");
        let said = format!("{kept:#}");
        let name = corpus::name(&input.bytes);
        let start =
            format!("cannot keep a failing input as fuzz/artifacts/cache_map/unfiled-{name}: ");
        assert!(said.starts_with(&start) && said.lines().count() == 1, "{said}");
    }

    #[test]
    fn a_kept_input_is_not_written_again() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let input = failing_input();
        let keep = || keep(&project, &CACHE_MAP, &input).expect("the folder is writable");
        keep();
        let kept = unfiled(&project, &CACHE_MAP, &input);
        let written = || kept.metadata().and_then(|data| data.modified()).expect("a file");
        let first = written();
        keep();
        assert_eq!(written(), first);
        std::fs::write(&kept, [1]).expect("a file");
        keep();
        assert_eq!(std::fs::read(kept).expect("a file"), input.bytes);
    }
}
