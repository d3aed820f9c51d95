//! What a search for a planted bug came to. Written by the program that was built with the bug, read
//! by the one that was built without.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::campaign::{End, Summary};
use crate::inputs;
use crate::program::Program;

/// What one driver with one seed came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// CPU time until the finding, or until the limit, of all processes of the driver.
    pub cpu_seconds: f64,
    /// Executions until then.
    pub executions: u64,
    /// What was found.
    pub found: Option<Found>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The check that reported it.
    pub check: String,
    /// Operations of the shrunk input.
    pub operations: usize,
}

impl Outcome {
    /// The outcome of a campaign with limited CPU time. `None` for one that did not come to its end.
    ///
    /// # Errors
    ///
    /// What was filed cannot be read.
    pub fn of(target: &Program, summary: &Summary) -> Result<Option<Self>> {
        let found = match &summary.end {
            End::Time => None,
            End::Found(findings) => {
                let Some(first) = findings.first() else { return Ok(None) };
                let input = inputs::read(target, &first.folder.join("input"))?;
                let check = first.failure.check.clone();
                Some(Found { check, operations: target.canonical(&input)?.operations })
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
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self).context("cannot write an outcome as JSON")?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads what [`Outcome::write`] wrote; `None` if there is no file.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let text =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let outcome = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no outcome", path.display()))?;
        Ok(Some(outcome))
    }
}
