//! A finding of a sweep, filed in `fuzz/artifacts/TARGET/sweep/IDENTITY`: the input and a report.
//!
//! The findings of drivers are in other folders, because the input of a sweep's finding fails only
//! with the interference.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use downbeat_protocol::Failure;
use downbeat_protocol::project::Project;

use downbeat_protocol::message::Interference;

use crate::program::Program;

/// A failure of an input under an interference.
#[derive(Clone, Debug)]
pub struct SweepFinding {
    /// The identity of the failure.
    pub identity: String,
    /// The report, as lines.
    pub report: String,
    /// The folder of the finding.
    pub folder: PathBuf,
}

impl SweepFinding {
    /// Files a failure of the input at `path`. Replaces a finding of an earlier sweep with the same
    /// identity.
    pub(super) fn file(
        project: &Project,
        target: &Program,
        path: &Path,
        bytes: &[u8],
        failure: &Failure,
        interference: Option<Interference>,
    ) -> Result<Self> {
        let folder = project.artifacts(target.name()).join("sweep").join(&failure.identity);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let flag = interference.map(|interference| format!(" {}", interference.flag()));
        let shown = folder.strip_prefix(project.root()).unwrap_or(&folder).display();
        let report = format!(
            "{name}: FINDING in {path}: {what}\n  check    {check}      identity {identity}\n  \
             files    {shown}/{{input, report.txt}}\n  again    cargo downbeat replay {name} \
             {shown}/input{flag}\n",
            name = target.name(),
            path = path.display(),
            what = failure.what,
            check = failure.check,
            identity = failure.identity,
            flag = flag.unwrap_or_default(),
        );
        for (name, content) in [("input", bytes), ("report.txt", report.as_bytes())] {
            let path = folder.join(name);
            std::fs::write(&path, content)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(SweepFinding { identity: failure.identity.clone(), report, folder })
    }
}
