//! Copies new inputs to the corpus from the folder to which a driver writes them.
//!
//! An input is copied once, under a name derived from its content, and only if no folder of the
//! corpus had it when the driver started.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use downbeat_protocol::corpus;

use crate::inputs;

/// While a driver runs, a file is taken to be complete once it has not changed for this time.
const SETTLED: Duration = Duration::from_secs(1);

/// Whether a driver still writes to its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    Runs,
    Ended,
}

/// Copies inputs from a folder to a corpus.
#[derive(Debug)]
pub(crate) struct Harvest {
    from: PathBuf,
    to: PathBuf,
    /// The files of `from` that were read.
    seen: HashSet<OsString>,
    /// The names of the inputs that the corpus has.
    known: HashSet<String>,
}

impl Harvest {
    /// Creates a harvest from the folder `from`, which need not exist yet, to the first folder of
    /// `corpus`.
    pub(crate) fn new(from: PathBuf, corpus: &[PathBuf]) -> Result<Self> {
        let to = corpus.first().context("the driver has no folder of inputs")?.clone();
        let mut known = HashSet::new();
        for folder in corpus {
            for file in inputs::files(folder)? {
                let bytes = std::fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                known.insert(corpus::name(&bytes));
            }
        }
        Ok(Harvest { from, to, seen: HashSet::new(), known })
    }

    /// Copies the inputs that are new since the last call. While the driver runs, copies only files
    /// that are complete.
    pub(crate) fn gather(&mut self, writer: Writer) -> Result<()> {
        if !self.from.is_dir() {
            return Ok(());
        }
        let reason = || format!("cannot read {}", self.from.display());
        for entry in self.from.read_dir().with_context(reason)? {
            let entry = entry.with_context(reason)?;
            let name = entry.file_name();
            // AFL++ gives such names to its copies of the corpus' inputs.
            if self.seen.contains(&name) || name.to_string_lossy().contains(",orig:") {
                continue;
            }
            // This follows links. The file may have been removed since the folder was read.
            let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
            if !metadata.is_file() {
                continue;
            }
            if writer == Writer::Runs && !has_settled(metadata.modified().with_context(reason)?) {
                continue;
            }
            let bytes = std::fs::read(entry.path()).with_context(reason)?;
            if self.known.insert(corpus::name(&bytes)) {
                inputs::write_all(&self.to, [bytes])?;
            }
            self.seen.insert(name);
        }
        Ok(())
    }
}

/// Whether a file that was last changed at this time is complete. A time in the future is not
/// accepted, because the clock may have been set back.
fn has_settled(changed: SystemTime) -> bool {
    changed.elapsed().is_ok_and(|time| time >= SETTLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_input_is_added_to_the_corpus_once_and_named_by_its_content() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["work", "committed", "queue"] {
            std::fs::create_dir(path(name)).expect("a folder");
        }
        std::fs::write(path("committed/old"), [1]).expect("a file");
        let mut harvest =
            Harvest::new(path("queue"), &[path("work"), path("committed")]).expect("folders");
        std::fs::write(path("queue/id:000000,orig:old"), [2]).expect("a file");
        for (name, byte) in [("a", 1), ("b", 3), ("c", 3)] {
            std::fs::write(path("queue").join(name), [byte]).expect("a file");
        }
        harvest.gather(Writer::Ended).expect("the queue is readable");
        harvest.gather(Writer::Ended).expect("there is nothing more");
        let names: Vec<_> = path("work")
            .read_dir()
            .expect("a folder")
            .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, [corpus::name(&[3])]);
    }

    #[test]
    fn a_file_is_read_when_it_no_longer_changes_or_the_driver_has_ended() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["work", "queue"] {
            std::fs::create_dir(path(name)).expect("a folder");
        }
        let corpus = || path("work").read_dir().expect("a folder").count();
        let mut harvest = Harvest::new(path("queue"), &[path("work")]).expect("folders");
        let write = |name: &str, changed: SystemTime| {
            let path = path("queue").join(name);
            std::fs::write(&path, name).expect("a file");
            let file = std::fs::File::options().append(true).open(path).expect("a file");
            file.set_modified(changed).expect("a time");
        };
        let now = SystemTime::now();
        write("left alone", now - Duration::from_secs(60));
        write("being written", now + Duration::from_secs(60));
        harvest.gather(Writer::Runs).expect("the queue is readable");
        assert_eq!(corpus(), 1);
        harvest.gather(Writer::Ended).expect("the queue is readable");
        assert_eq!(corpus(), 2);
    }
}
