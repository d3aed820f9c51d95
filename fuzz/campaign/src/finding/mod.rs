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
//! Invariants: `found` is on disk before the input is run again, so nothing is lost if that ends
//! this program too. A second finding with the same identity is counted, not filed again, as long as
//! the filed one still fails.

mod failing_input;
pub mod report;
mod shrink;
mod trial;

pub use failing_input::{FailingInput, FailureKind};

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat::project::Project;
use downbeat::{AnyTarget, Failure, corpus};

use shrink::Shrunk;
use trial::Trial;

use crate::driver::Driver;
use crate::tools;

/// How an input was found.
#[derive(Clone, Copy, Debug)]
pub struct Discovery {
    /// By which driver.
    pub driver: Driver,
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

/// Keeps `input`, shrinks it, and files it. If `stop` is set meanwhile, it is filed as it is.
///
/// # Errors
///
/// The folder of artifacts cannot be written.
pub fn file(
    project: &Project,
    target: &'static dyn AnyTarget,
    input: &FailingInput,
    discovery: Discovery,
    stop: &AtomicBool,
) -> Result<Finding> {
    let artifacts = project.artifacts(target.name());
    tools::ensure_writable(&artifacts)?;
    let kept = artifacts.join(format!("unfiled-{}", corpus::name(&input.bytes)));
    write(&kept, &input.bytes)?;

    let canary = discovery.canary;
    let shrunk = match trial::judge(target, &kept, input.kind, canary, stop)? {
        Trial::FailsHere => shrink::shrink(target, &input.bytes, canary, stop),
        Trial::Otherwise(failure) => Shrunk::as_found(target, &input.bytes, failure),
    };
    let (folder, seen) = folder(target, &artifacts, &shrunk, canary)?;
    let place = folder.strip_prefix(project.root()).unwrap_or(&folder);
    let report = report::report(target, &shrunk, discovery, input, place);
    if seen == 1 {
        write(&folder.join("input"), &shrunk.bytes)?;
        write(&folder.join("ops.txt"), target.show(&shrunk.bytes).as_bytes())?;
        write(&folder.join("test.rs"), report::test(target, &shrunk).as_bytes())?;
        write(&folder.join("note.md"), report::note(&shrunk).as_bytes())?;
        write(&folder.join("report.txt"), report.as_bytes())?;
        std::fs::rename(&kept, folder.join("found")).context("cannot file the input")?;
    } else {
        write(&folder.join("seen"), format!("{seen}\n").as_bytes())?;
        std::fs::remove_file(&kept).context("cannot remove a second input of one finding")?;
    }
    Ok(Finding { failure: shrunk.failure, report, folder, seen })
}

/// The folder of a failure, and how often it was seen, now included. A folder whose input does not
/// fail any more, or not alike, is another finding's: what was mended stays as it was filed. Of hangs
/// and aborts, which cannot be run again here and say little of themselves, each input is its own.
fn folder(
    target: &'static dyn AnyTarget,
    artifacts: &Path,
    shrunk: &Shrunk,
    canary: bool,
) -> Result<(PathBuf, u64)> {
    let failure = &shrunk.failure;
    for number in 1.. {
        let folder = artifacts.join(format!("{}-{number}", failure.identity));
        if !folder.join("report.txt").is_file() {
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            return Ok((folder, 1));
        }
        let filed = std::fs::read(folder.join("input")).unwrap_or_default();
        let same = if failure.has_no_verdict() {
            filed == shrunk.bytes
        } else {
            shrink::fails_alike(target, &filed, failure, canary)
        };
        if same {
            let seen = std::fs::read_to_string(folder.join("seen")).unwrap_or_default();
            return Ok((folder, seen.trim().parse().unwrap_or(1) + 1));
        }
    }
    unreachable!("a folder that is not there comes first")
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_input_that_hangs_is_kept_and_one_that_comes_again_is_counted() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let target = downbeat::TARGETS[0];
        let filed = |bytes: &[u8]| {
            let (kind, log) = (FailureKind::Hang, String::new());
            let input = FailingInput { bytes: bytes.to_owned(), kind, log };
            let (driver, after) = (Driver::Seeded, Duration::ZERO);
            let discovery = Discovery { driver, after, executions: 1, canary: false };
            let stop = AtomicBool::new(false);
            file(&project, target, &input, discovery, &stop).expect("it is filed")
        };
        let (first, other, again) = (filed(&[1]), filed(&[2]), filed(&[1]));
        assert_ne!(first.folder, other.folder);
        assert_eq!(std::fs::read(other.folder.join("found")).expect("it is kept"), [2]);
        assert_eq!((again.folder, again.seen), (first.folder, 2));
    }
}
