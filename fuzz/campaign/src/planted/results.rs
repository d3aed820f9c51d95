//! Stores outcomes between runs, in `target/planted/results`.
//!
//! Each line is one outcome as JSON. Its key is a hash of everything that the outcome depends on.
//!
//! - A line is written before the next search starts.
//! - A line that is incomplete, because its run was killed, is ignored.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// The stored outcomes.
#[derive(Debug)]
pub(super) struct Results {
    path: PathBuf,
    file: File,
    outcomes: HashMap<String, Outcome>,
}

/// A line of the file. The program uses only the key and the outcome. The other fields are for
/// people who read the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) patch: String,
    pub(super) driver: String,
    pub(super) seed: u64,
    pub(super) outcome: Outcome,
}

impl Results {
    /// Opens the file at `path`, which is created if it does not exist.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let reason = || format!("cannot open {}", path.display());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(reason),
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let outcomes = lines.map(|line| (line.key, line.outcome)).collect();
        let file = OpenOptions::new().append(true).create(true).open(path);
        let mut file = file.with_context(reason)?;
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(file).with_context(reason)?;
        }
        Ok(Results { path: path.to_owned(), file, outcomes })
    }

    /// The outcome with this key.
    pub(super) fn get(&self, key: &str) -> Option<&Outcome> {
        self.outcomes.get(key)
    }

    /// Stores an outcome.
    pub(super) fn put(&mut self, line: &Line) -> Result<()> {
        let text = serde_json::to_string(line).context("cannot encode an outcome as JSON")?;
        // One write: if the run is killed, at most the last line is incomplete.
        self.file
            .write_all(format!("{text}\n").as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.outcomes.insert(line.key.clone(), line.outcome.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::Found;
    use super::*;

    fn line(key: &str, executions: u64) -> Line {
        let found = Some(Found { check: "cache_map/get-equals-model".to_owned(), operations: 3 });
        Line {
            key: key.to_owned(),
            patch: "cache_map/slug".to_owned(),
            driver: "seeded".to_owned(),
            seed: 1,
            outcome: Outcome { cpu_seconds: 0.25, executions, found },
        }
    }

    #[test]
    fn stored_outcomes_are_read_by_the_next_run_and_the_latest_one_is_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("results");
        let mut results = Results::open(&path).expect("it is made");
        for line in [line("a", 1), line("b", 2), line("a", 3)] {
            results.put(&line).expect("it is written");
        }
        let results = Results::open(&path).expect("it is there");
        assert_eq!(results.get("a"), Some(&line("a", 3).outcome));
        assert_eq!(results.get("b"), Some(&line("b", 2).outcome));
        assert_eq!(results.get("c"), None);
    }

    #[test]
    fn a_truncated_line_is_skipped_and_the_other_lines_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("results");
        Results::open(&path).expect("it is made").put(&line("a", 1)).expect("it is written");
        let whole = std::fs::read_to_string(&path).expect("it is there");
        std::fs::write(&path, format!("{whole}{}", &whole[..whole.len() / 2])).expect("written");
        let mut results = Results::open(&path).expect("it is there");
        results.put(&line("b", 2)).expect("it is written");
        let results = Results::open(&path).expect("it is there");
        assert!(results.get("a").is_some() && results.get("b").is_some());
    }
}
