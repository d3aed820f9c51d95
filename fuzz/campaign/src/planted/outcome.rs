//! The outcome of a search for a planted bug.
//!
//! The process that searches in the patched copy writes the outcome to a file. The process that
//! planted the bug reads the file.

use std::path::Path;

use anyhow::{Context, Result};
use nanoserde::{DeJson, SerJson};

use crate::campaign::{End, Summary};
use crate::inputs;
use crate::program::Program;

/// The outcome of one driver with one seed.
#[derive(Clone, Debug, PartialEq, SerJson, DeJson)]
pub struct Outcome {
    /// CPU time of all processes of the driver, until the finding or the limit, in seconds.
    pub cpu_seconds: f64,
    /// Executions in that time.
    pub executions: u64,
    /// The finding; `None` if the time limit was reached first.
    pub found: Option<Found>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Found {
    /// The check that failed.
    pub check: String,
    /// The number of operations of the shrunk input.
    pub operations: usize,
    /// Whether the shrunk input also fails without the planted bug: the finding is then another
    /// bug. `None` if the patch expects the check, because the input is then not run without the
    /// patch.
    pub fails_without_patch: Option<bool>,
}

impl Outcome {
    /// The outcome of a campaign with limited CPU time. `None` if the campaign was interrupted, its
    /// driver died, or its finding was not filed.
    ///
    /// # Errors
    ///
    /// Returns an error if the filed finding cannot be read.
    pub fn of(target: &Program, summary: &Summary) -> Result<Option<Self>> {
        let found = match &summary.end {
            End::Time => None,
            End::Found(findings) => {
                let Some(first) = findings.first() else { return Ok(None) };
                let input = inputs::read(target, &first.folder.join("input"))?;
                let check = first.failure.check.clone();
                let operations = target.canonical(&input)?.operations;
                Some(Found { check, operations, fails_without_patch: None })
            }
            End::Interrupted | End::Died(_) => return Ok(None),
        };
        let cpu_seconds = summary.cpu.unwrap_or(summary.last.elapsed).as_secs_f64();
        Ok(Some(Outcome { cpu_seconds, executions: summary.last.figures.executions, found }))
    }

    /// Writes the outcome to a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.serialize_json())
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads a file that [`Outcome::write`] wrote; `None` if it does not exist.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let outcome = Self::deserialize_json(&text)
            .with_context(|| format!("{} is not an outcome", path.display()))?;
        Ok(Some(outcome))
    }
}
