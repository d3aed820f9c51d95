//! Stores outcomes between runs, in `target/planted/results`.
//!
//! Each line is one outcome as JSON. Its key is a hash of everything that the outcome depends on.
//!
//! - A line is written before the next search starts.
//! - A line that is incomplete, because its run was killed, is ignored.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nanoserde::{DeJson, SerJson};

use super::outcome::Outcome;

/// The name of the file.
pub(super) const FILE: &str = "results";

/// The stored outcomes.
#[derive(Debug)]
pub(crate) struct Results {
    path: PathBuf,
    file: File,
    outcomes: HashMap<String, Outcome>,
}

/// A line of the file. A search uses only the key and the outcome. The other fields are for
/// reports.
#[derive(Debug, SerJson, DeJson)]
struct Line {
    key: String,
    patch: String,
    driver: String,
    seed: u64,
    outcome: Outcome,
}

/// A stored outcome of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The name of the planted bug, which starts with its target's name.
    pub patch: String,
    /// The searcher's name, which starts with its driver's.
    pub driver: String,
    /// The seed.
    pub seed: u64,
    /// The outcome.
    pub outcome: Outcome,
}

/// Reads the file at `path`. Of several outcomes of a bug, a driver and a seed, returns the last
/// one. A file that does not exist has no outcomes.
pub(super) fn stored(path: &Path) -> Result<Vec<Stored>> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().filter_map(|line| Line::deserialize_json(line).ok());
    let mut last = BTreeMap::new();
    for Line { patch, driver, seed, outcome, .. } in lines {
        last.insert((patch, driver, seed), outcome);
    }
    let stored = last.into_iter();
    Ok(stored
        .map(|((patch, driver, seed), outcome)| Stored { patch, driver, seed, outcome })
        .collect())
}

impl Results {
    /// Opens the file at `path`, which is created if it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let reason = || format!("cannot open {}", path.display());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(reason),
        };
        let lines = text.lines().filter_map(|line| Line::deserialize_json(line).ok());
        let outcomes = lines.map(|line| (line.key, line.outcome)).collect();
        let file = OpenOptions::new().append(true).create(true).open(path);
        let mut file = file.with_context(reason)?;
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(file).with_context(reason)?;
        }
        Ok(Results { path: path.to_owned(), file, outcomes })
    }

    /// The outcome with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Outcome> {
        self.outcomes.get(key)
    }

    /// Stores an outcome: that of searcher `driver` with `seed`, for the bug that `patch` plants.
    pub(crate) fn put(
        &mut self,
        key: String,
        patch: String,
        driver: &str,
        seed: u64,
        outcome: Outcome,
    ) -> Result<()> {
        let line = Line { key, patch, driver: driver.to_owned(), seed, outcome };
        // One write: if the run is killed, at most the last line is incomplete.
        self.file
            .write_all(format!("{}\n", line.serialize_json()).as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.outcomes.insert(line.key, line.outcome);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::Found;
    use super::*;

    fn outcome(executions: u64) -> Outcome {
        let found = Found {
            check: "cache_map/get-equals-model".to_owned(),
            operations: 3,
            fails_without_patch: None,
        };
        Outcome { cpu_seconds: 0.25, executions, found: Some(found) }
    }

    fn put(results: &mut Results, key: &str, executions: u64) {
        let patch = "cache_map/slug".to_owned();
        results.put(key.to_owned(), patch, "seeded", 1, outcome(executions)).expect("written");
    }

    #[test]
    fn stored_outcomes_are_read_by_the_next_run_and_the_latest_one_is_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("results");
        let mut results = Results::open(&path).expect("it is made");
        for (key, executions) in [("a", 1), ("b", 2), ("a", 3)] {
            put(&mut results, key, executions);
        }
        let results = Results::open(&path).expect("it is there");
        assert_eq!(results.get("a"), Some(&outcome(3)));
        assert_eq!(results.get("b"), Some(&outcome(2)));
        assert_eq!(results.get("c"), None);
    }

    #[test]
    fn a_truncated_line_is_skipped_and_the_other_lines_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("results");
        put(&mut Results::open(&path).expect("it is made"), "a", 1);
        let whole = std::fs::read_to_string(&path).expect("it is there");
        std::fs::write(&path, format!("{whole}{}", &whole[..whole.len() / 2])).expect("written");
        let mut results = Results::open(&path).expect("it is there");
        put(&mut results, "b", 2);
        let results = Results::open(&path).expect("it is there");
        assert!(results.get("a").is_some() && results.get("b").is_some());
    }
}
