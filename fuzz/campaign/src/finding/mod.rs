//! A failing input: kept, shrunk, reported, filed once an identity.
//!
//! Files of a finding, in `fuzz/artifacts/<target>/<identity>-<n>/`:
//!
//! | file | what it is |
//! |---|---|
//! | `input` | the shrunk input, as bytes |
//! | `ops.txt` | the same as text, its keys literal |
//! | `test.rs` | a test that fails on its own |
//! | `report.txt` | what was printed |
//! | `note.md` | the beginning of a note on the bug |
//! | `found` | the input as the driver left it |
//!
//! Invariants: `found` is on disk before the input is run again, and all of the files before it is
//! shrunk, so nothing is lost if that ends this program too. A second finding with the same identity
//! is counted, not filed again, as long as the filed one still fails.

pub mod report;
mod shrink;

pub use crate::failing_input::{FailingInput, FailureKind};
pub use shrink::TIME;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::program::Program;
use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;
use downbeat_protocol::{Failure, corpus};

use shrink::{First, Shrunk};

use crate::driver::Driver;
use crate::judge::Judge;
use crate::{inputs, tools};

/// How an input was found.
#[derive(Clone, Copy, Debug)]
pub struct Discovery {
    /// By which driver.
    pub driver: &'static dyn Driver,
    /// After how long.
    pub after: Duration,
    /// After how many executions.
    pub executions: u64,
    /// Whether the planted fault was on.
    pub canary: bool,
}

/// A finding, filed.
#[derive(Debug)]
pub struct Finding {
    /// What failed.
    pub failure: Failure,
    /// The report, in lines.
    pub report: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Findings of this identity, this one included.
    pub seen: u64,
}

/// Writes `input` as a driver left it to the folder of artifacts, where it stays until it is filed.
///
/// # Errors
///
/// The folder cannot be written.
pub fn keep(project: &Project, target: &Listing, input: &FailingInput) -> Result<()> {
    let artifacts = project.artifacts(target.name);
    tools::ensure_writable(&artifacts)?;
    write(&unfiled(&artifacts, input), &input.bytes)
}

/// The file of an input that is not filed yet.
fn unfiled(artifacts: &Path, input: &FailingInput) -> PathBuf {
    artifacts.join(format!("unfiled-{}", corpus::name(&input.bytes)))
}

/// Keeps `input`, files it, shrinks it, and files what is left of it. If `stop` is set meanwhile, that
/// is the smallest input so far.
///
/// # Errors
///
/// The folder of artifacts cannot be written, or no process can be started.
pub fn file(
    project: &Project,
    target: &Program,
    input: &FailingInput,
    discovery: Discovery,
    stop: &AtomicBool,
) -> Result<Finding> {
    keep(project, target.listing(), input)?;
    let artifacts = project.artifacts(target.name());
    let kept = unfiled(&artifacts, input);

    let mut judge = Judge::new(target, discovery.canary);
    let first = shrink::first(target, &mut judge, &input.bytes, input.kind, stop)?;
    let origin = Origin::Driver(discovery, input);
    let cabinet = Cabinet { target, folder: artifacts, root: project.root(), origin };
    let place = cabinet.file(&mut judge, &first)?;
    std::fs::remove_file(&kept).context("cannot remove an input that is filed")?;
    cabinet.shrink(&mut judge, &first, place, TIME, stop)
}

/// What to shrink, and where to.
#[derive(Clone, Debug)]
pub struct ShrinkOptions {
    /// The file of the input: bytes or text; or the folder of a finding.
    pub input: PathBuf,
    /// Time for the search.
    pub time: Duration,
    /// The folder that the folders of findings go to.
    pub out: PathBuf,
    /// What paths are printed relative to.
    pub root: PathBuf,
    /// Whether the planted fault is on.
    pub canary: bool,
}

/// Shrinks the input in a file and files it as a finding. `began` is told what fails, before that takes
/// its time.
///
/// # Errors
///
/// The input cannot be read or does not fail; also as [`file()`].
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
    let place = cabinet.file(&mut judge, &first)?;
    cabinet.shrink(&mut judge, &first, place, *time, stop)
}

/// Where an input came from.
#[derive(Clone, Copy)]
enum Origin<'a> {
    Driver(Discovery, &'a FailingInput),
    File(&'a Path),
}

/// Where an input is filed.
struct Place {
    folder: PathBuf,
    seen: u64,
}

/// The folder of the findings' folders.
struct Cabinet<'a> {
    target: &'a Program,
    folder: PathBuf,
    root: &'a Path,
    origin: Origin<'a>,
}

impl Cabinet<'_> {
    /// Files an input that is not shrunk yet, unless it is there.
    fn file(&self, judge: &mut Judge<'_>, first: &First) -> Result<Place> {
        let place = self.place(judge, first)?;
        if place.seen == 1 {
            write(&place.folder.join("found"), &first.shrunk.bytes)?;
            write(&place.folder.join("note.md"), report::note(&first.shrunk).as_bytes())?;
            self.write(&place.folder, &first.shrunk)?;
        }
        Ok(place)
    }

    /// Shrinks an input that is filed, and files what is left of it.
    fn shrink(
        &self,
        judge: &mut Judge<'_>,
        first: &First,
        mut place: Place,
        time: Duration,
        stop: &AtomicBool,
    ) -> Result<Finding> {
        let shrunk = match first.repeated() {
            true => shrink::shrink(self.target, judge, first, time, stop)?,
            false => first.shrunk.clone(),
        };
        if place.seen == 1 {
            match self.twin(&place.folder, &shrunk) {
                None => self.write(&place.folder, &shrunk)?,
                Some(folder) => {
                    std::fs::remove_dir_all(&place.folder)
                        .context("cannot remove the folder of a second input of one finding")?;
                    place = match self.origin {
                        Origin::Driver(..) => again(folder),
                        // What was found before is shrunk before, which is not found again.
                        Origin::File(_) => Place { folder, seen: 1 },
                    };
                }
            }
        }
        let Place { folder, seen } = place;
        if seen > 1 {
            write(&folder.join("seen"), format!("{seen}\n").as_bytes())?;
        }
        let report = self.report(&folder, &shrunk)?;
        Ok(Finding { failure: shrunk.failure, report, folder, seen })
    }

    /// The place of an input: a new folder, or that of a finding that fails alike. A folder whose input
    /// does not fail any more, or not alike, is another finding's: what was mended stays as it was
    /// filed. Of hangs and aborts, which say little of themselves, each input is its own; so is one that
    /// somebody asks to be shrunk.
    fn place(&self, judge: &mut Judge<'_>, first: &First) -> Result<Place> {
        let Shrunk { bytes, failure, .. } = &first.shrunk;
        for number in 1.. {
            let folder = self.numbered(failure, number);
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Place { folder, seen: 1 }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let why = format!("cannot make the folder {}", folder.display());
                    return Err(anyhow::Error::new(error).context(why));
                }
            }
            let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
            let filed = read("input");
            let same = match self.origin {
                Origin::File(_) => false,
                Origin::Driver(..) if failure.has_no_verdict() => {
                    filed == *bytes || read("found") == *bytes
                }
                Origin::Driver(..) => shrink::fails_alike(judge, &filed, failure, first.limit)?,
            };
            if same {
                return Ok(again(folder));
            }
        }
        unreachable!("a folder that is not there comes first")
    }

    /// The folder, other than `own`, of a finding that came to the same input.
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
            Origin::File(_) => None,
        };
        write(&folder.join("input"), &shrunk.bytes)?;
        write(&folder.join("ops.txt"), self.target.show(&shrunk.bytes)?.as_bytes())?;
        write(&folder.join("test.rs"), report::test(self.target, shrunk, driver)?.as_bytes())?;
        write(&folder.join("report.txt"), self.report(folder, shrunk)?.as_bytes())
    }

    fn report(&self, folder: &Path, shrunk: &Shrunk) -> Result<String> {
        let place = folder.strip_prefix(self.root).unwrap_or(folder);
        report::report(self.target, shrunk, self.origin, place)
    }
}

/// The place of a finding that was seen before, and is now.
fn again(folder: PathBuf) -> Place {
    let seen = std::fs::read_to_string(folder.join("seen")).unwrap_or_default();
    Place { folder, seen: seen.trim().parse().unwrap_or(1) + 1 }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
