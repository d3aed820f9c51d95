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
//! | `found` | the input as the driver left it |
//!
//! Invariants: `found` is on disk before the input is run again, so nothing is lost if that ends
//! this program too. A second finding with the same identity is counted, not filed again.

mod failing_input;
pub mod report;
mod shrink;

pub use failing_input::{FailingInput, FailureKind};

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat::project::Project;
use downbeat::{AnyTarget, Failure, corpus};

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

/// Keeps `input`, shrinks it, and files it.
///
/// # Errors
///
/// The folder of artifacts cannot be written.
pub fn file(
    project: &Project,
    target: &'static dyn AnyTarget,
    input: &FailingInput,
    discovery: Discovery,
) -> Result<Finding> {
    let artifacts = project.artifacts(target.name());
    tools::ensure_writable(&artifacts)?;
    let kept = artifacts.join(format!("unfiled-{}", corpus::name(&input.bytes)));
    write(&kept, &input.bytes)?;

    let shrunk = match input.kind.as_failure(target.name()) {
        Some(failure) => shrink::Shrunk::as_found(target, &input.bytes, failure),
        None => shrink::shrink(target, &input.bytes, discovery.canary),
    };
    let identity = &shrunk.failure.identity;
    let (folder, seen) = folder(&artifacts, identity)?;
    let place = folder.strip_prefix(project.root()).unwrap_or(&folder);
    let report = report::report(target, &shrunk, discovery, input, place);
    if seen == 1 {
        write(&folder.join("input"), &shrunk.bytes)?;
        write(&folder.join("ops.txt"), target.show(&shrunk.bytes).as_bytes())?;
        write(&folder.join("test.rs"), report::test(target, &shrunk).as_bytes())?;
        write(&folder.join("report.txt"), report.as_bytes())?;
        std::fs::rename(&kept, folder.join("found")).context("cannot file the input")?;
    } else {
        write(&folder.join("seen"), format!("{seen}\n").as_bytes())?;
        std::fs::remove_file(&kept).context("cannot remove a second input of one finding")?;
    }
    Ok(Finding { failure: shrunk.failure, report, folder, seen })
}

/// The folder of an identity, and how often it was seen, now included.
fn folder(artifacts: &Path, identity: &str) -> Result<(PathBuf, u64)> {
    let folder = artifacts.join(format!("{identity}-1"));
    if folder.join("report.txt").is_file() {
        let seen = std::fs::read_to_string(folder.join("seen")).unwrap_or_default();
        let seen: u64 = seen.trim().parse().unwrap_or(1);
        return Ok((folder, seen + 1));
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Ok((folder, 1))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
