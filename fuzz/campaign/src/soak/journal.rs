//! The journal of a soak: `target/soak/journal.jsonl`, a line of JSON for each event.
//!
//! - A line is on disk before the soak goes on, so a soak that was killed continues after its last
//!   line. A last line that is incomplete is as if it had not been written.
//! - A slice that began and did not end was under way when the soak was killed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use nanoserde::{DeJson, SerJson};

/// An event.
#[derive(Clone, Debug, PartialEq, SerJson, DeJson)]
pub enum Entry {
    /// A slice on the target with this name begins.
    Begun(String),
    /// A slice ended.
    Ended(Slice),
    /// The new inputs of a target were minimized.
    Minimized(Minimized),
}

/// A slice: a campaign on a target.
#[derive(Clone, Debug, PartialEq, SerJson, DeJson)]
pub struct Slice {
    /// The target's name.
    pub target: String,
    /// Wall time of the slice, with its build and its findings, in seconds.
    pub seconds: f64,
    /// CPU time of its drivers in seconds.
    pub cpu_seconds: f64,
    /// Executions.
    pub executions: u64,
    /// The number of states that it reached.
    pub states: u64,
    /// The number of edges that it reached; 0 for a driver without coverage.
    pub edges: u64,
    /// How it ended: `ok`, `FINDING`, `interrupted` or `died`.
    pub end: String,
    /// The folders of its findings, relative to the checkout.
    pub findings: Vec<String>,
}

/// The new inputs of a target were minimized.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Minimized {
    /// The target's name.
    pub target: String,
    /// The number of inputs before.
    pub before: usize,
    /// The number of inputs that stayed.
    pub after: usize,
}

/// The journal of a checkout.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
}

impl Journal {
    /// Opens the journal. With `fresh`, begins a new one. No other soak may use it at the same
    /// time.
    pub(super) fn open(project: &Project, fresh: bool) -> Result<Self> {
        let folder = project.build().join("soak");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let path = folder.join("journal.jsonl");
        let reason = || format!("cannot open {}", path.display());
        let file = OpenOptions::new().create(true).append(true).open(&path).with_context(reason)?;
        file.try_lock().with_context(|| {
            format!("another `downbeat soak` is using {}; wait until it ends", path.display())
        })?;
        if fresh {
            file.set_len(0).with_context(reason)?;
        }
        let text = std::fs::read_to_string(&path).with_context(reason)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).with_context(reason)?;
        let entries = parse(&text[..whole], &path)?;
        Ok(Journal { path, file, entries })
    }

    /// The events, the earliest first.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds an event.
    pub(super) fn add(&mut self, entry: Entry) -> Result<()> {
        let line = entry.serialize_json() + "\n";
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("cannot write {}", self.path.display()))?;
        self.entries.push(entry);
        Ok(())
    }

    /// The target whose slice was under way when the soak was killed.
    pub(super) fn under_way(&self) -> Option<&str> {
        let last = self.entries.iter().rev().find(|e| !matches!(e, Entry::Minimized(_)));
        match last {
            Some(Entry::Begun(target)) => Some(target),
            _ => None,
        }
    }

    /// The number of slices that began.
    pub(super) fn begun(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry, Entry::Begun(_))).count()
    }

    /// The wall time of all slices that ended, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        slices(&self.entries).map(|slice| slice.seconds).sum()
    }
}

/// The slices that ended.
pub(super) fn slices(entries: &[Entry]) -> impl Iterator<Item = &Slice> {
    entries.iter().filter_map(|entry| match entry {
        Entry::Ended(slice) => Some(slice),
        Entry::Begun(_) | Entry::Minimized(_) => None,
    })
}

fn parse(text: &str, path: &Path) -> Result<Vec<Entry>> {
    let entries = text.lines().map(|line| {
        Entry::deserialize_json(line)
            .with_context(|| format!("{} is not a journal; remove it", path.display()))
    });
    entries.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn slice(target: &str, cpu_seconds: f64, states: u64) -> Slice {
        Slice {
            target: target.to_owned(),
            seconds: 2.0 * cpu_seconds,
            cpu_seconds,
            executions: 1,
            states,
            edges: 0,
            end: "ok".to_owned(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_journal_continues_after_its_last_whole_line() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let open = |fresh| Journal::open(&project, fresh).expect("a journal");
        let mut journal = open(false);
        journal.add(Entry::Begun("tree".to_owned())).expect("written");
        assert_eq!(journal.under_way(), Some("tree"));
        journal.add(Entry::Ended(slice("tree", 1.0, 4))).expect("written");
        assert_eq!(journal.under_way(), None);
        let minimized = Minimized { target: "tree".to_owned(), before: 9, after: 2 };
        journal.add(Entry::Begun("grid".to_owned())).expect("written");
        journal.add(Entry::Minimized(minimized)).expect("written");
        let written = journal.entries().to_vec();
        write!(journal.file, "{{\"Ended\":").expect("written");
        drop(journal);
        let journal = open(false);
        assert_eq!(journal.entries(), written);
        assert_eq!((journal.under_way(), journal.begun()), (Some("grid"), 2));
        assert_eq!(journal.seconds(), 2.0);
        assert!(Journal::open(&project, false).is_err(), "the first one is still open");
        drop(journal);
        assert_eq!(open(true).entries(), []);
    }
}
