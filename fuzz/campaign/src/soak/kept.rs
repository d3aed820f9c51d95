//! Findings that an earlier session left: files inputs that are kept but not filed, and runs the
//! filed ones again.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;

use crate::driver::HANG;
use crate::finding::triage::{self, triage};
use crate::finding::{self, Finding};
use crate::folder::entries;
use crate::judge::{Judge, Verdict};
use crate::program::Program;

/// A filed finding that ran again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// The folder of the finding.
    pub folder: PathBuf,
    /// The check that it fails; `None` if it passes.
    pub fails: Option<String>,
}

/// Whether a target has findings, filed or not.
pub(super) fn has_findings(project: &Project, target: &str) -> bool {
    entries(&project.artifacts(target)).is_ok_and(|entries| !entries.is_empty())
}

/// Files the inputs that are kept but were not filed, because the program was killed.
pub(super) fn file_kept(
    project: &Project,
    target: &Program,
    stop: &AtomicBool,
) -> Result<Vec<Finding>> {
    let folder = project.artifacts(target.name());
    let is_kept = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"unfiled-"))
    };
    let paths: Vec<_> = entries(&folder)?.into_iter().filter(is_kept).collect();
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let options = triage::Options { paths: paths.clone(), time: finding::TIME, canary: false };
    let triaged = triage(project, target, &options, &mut |_| Ok(()), stop)?;
    let stays = |path: &Path| triaged.flaky.iter().any(|flaky| flaky.file == path);
    for path in paths.iter().filter(|path| !stays(path)) {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(triaged.findings)
}

/// Runs the filed findings of a target again.
pub(super) fn retry(
    project: &Project,
    target: &Program,
    stop: &AtomicBool,
) -> Result<Vec<Retried>> {
    let mut judge = Judge::new(target, false);
    let mut retried = Vec::new();
    for folder in entries(&project.artifacts(target.name()))? {
        // A folder without an input was under way when the program was killed.
        let Ok(bytes) = std::fs::read(folder.join("input")) else { continue };
        let fails = match judge.judge(&bytes, false, HANG, stop)?.verdict {
            Verdict::Passes => None,
            Verdict::Fails(failure) => Some(failure.check),
            Verdict::Stopped => bail!("interrupted"),
        };
        retried.push(Retried { folder, fails });
    }
    Ok(retried)
}
