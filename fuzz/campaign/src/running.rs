//! The folders of running campaigns, and the inputs that killed campaigns left in them.
//!
//! Invariants:
//!
//! - A folder is locked while its campaign runs, so an unlocked folder belongs to a campaign that
//!   was killed.
//! - An input stays in the folder until it is kept elsewhere.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use downbeat_protocol::Listing;
use downbeat_protocol::corpus;
use downbeat_protocol::project::Project;
use tempfile::TempDir;

use crate::driver::{DRIVERS, Driver};
use crate::failing_input::FailingInput;
use crate::harvest::{Harvest, Writer};

/// The name of the file that is locked.
const LOCK: &str = "lock";

/// The name of the file that contains the driver's name.
const DRIVER: &str = "driver";

/// The name of the file that contains the path of the corpus' first folder; empty if the driver has
/// no corpus.
const CORPUS: &str = "corpus";

/// The folder of a campaign on one target.
#[derive(Debug)]
pub(crate) struct Running {
    folder: TempDir,
    _lock: File,
}

impl Running {
    /// Makes a folder for a campaign of `driver` on `target`, which adds new inputs to the first
    /// folder of `corpus`.
    pub(crate) fn begin(
        project: &Project,
        target: &Listing,
        driver: &dyn Driver,
        corpus: &[PathBuf],
    ) -> Result<Self> {
        let reason = "cannot make a temporary folder";
        let parent = parent(project, target);
        std::fs::create_dir_all(&parent).context(reason)?;
        let folder = tempfile::tempdir_in(&parent).context(reason)?;
        let lock = File::create(folder.path().join(LOCK)).context(reason)?;
        lock.lock().context("cannot lock a temporary folder")?;
        let first = corpus.first().map(std::path::absolute).transpose().context(reason)?;
        let first = first.unwrap_or_default();
        std::fs::write(folder.path().join(CORPUS), first.as_os_str().as_bytes()).context(reason)?;
        std::fs::write(folder.path().join(DRIVER), driver.name()).context(reason)?;
        Ok(Running { folder, _lock: lock })
    }

    /// The folder of a job.
    pub(crate) fn job(&self, number: u32) -> PathBuf {
        self.folder.path().join(number.to_string())
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that the drivers of all jobs share.
    pub(crate) fn shared(&self) -> PathBuf {
        self.folder.path().join("shared")
    }

    /// Leaves the folder on disk, and returns its path.
    pub(crate) fn leave(self) -> PathBuf {
        self.folder.keep()
    }
}

/// The folder of artifacts of a job's driver, below the job's folder.
pub(crate) fn artifacts(job: &Path) -> PathBuf {
    job.join("artifacts")
}

/// Recovers what campaigns on `target` found before they were killed, or before a disk was full.
/// Adds new inputs to the corpora of these campaigns. Passes each failing input to `keep`, and
/// removes a folder once all of its inputs are kept.
pub(crate) fn recover(
    project: &Project,
    target: &Listing,
    keep: &mut dyn FnMut(&FailingInput) -> Result<()>,
) -> Result<Vec<FailingInput>> {
    let mut inputs = Vec::new();
    let Ok(folders) = parent(project, target).read_dir() else { return Ok(inputs) };
    for folder in folders {
        let folder = folder.context("cannot read a temporary folder")?.path();
        let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        let name = std::fs::read_to_string(folder.join(DRIVER)).unwrap_or_default();
        let Some(driver) = DRIVERS.into_iter().find(|driver| driver.name() == name) else {
            continue;
        };
        for job in folder.read_dir().context("cannot read a temporary folder")? {
            let job = job.context("cannot read a temporary folder")?.path();
            if !job.is_dir() {
                continue;
            }
            let log = "found before the program was killed";
            for input in driver.failing_inputs(&artifacts(&job), log)? {
                keep(&input)?;
                inputs.push(input);
            }
            if let Some(from) = driver.new_inputs(&artifacts(&job)) {
                let corpus = std::fs::read(folder.join(CORPUS)).unwrap_or_default();
                let corpus = PathBuf::from(OsString::from_vec(corpus));
                // A corpus that was removed since then needs no inputs.
                if corpus.is_dir() {
                    Harvest::new(from, &[corpus])?.gather(Writer::Ended)?;
                }
            }
        }
        std::fs::remove_dir_all(&folder).context("cannot remove a temporary folder")?;
    }
    Ok(inputs)
}

/// The parent of the folders of campaigns on a target. It is outside the checkout, because the path
/// of the checkout may contain a space, and cargo-bolero splits arguments at spaces.
fn parent(project: &Project, target: &Listing) -> PathBuf {
    let root = project.root().canonicalize().unwrap_or_else(|_| project.root().to_owned());
    let checkout = corpus::name(root.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("downbeat-{}", &checkout[..16])).join(target.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::LIBFUZZER;
    use downbeat_protocol::registry;

    #[test]
    fn new_inputs_of_a_killed_campaign_are_added_to_its_corpus() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let target = &registry::TREE;
        let afl = DRIVERS[2];
        let corpus = root.path().join("corpus");
        std::fs::create_dir(&corpus).expect("a folder");
        let begun = Running::begin(&project, target, afl, std::slice::from_ref(&corpus));
        let running = begun.expect("a folder");
        let queue = afl.new_inputs(&artifacts(&running.job(0))).expect("AFL++ has a queue");
        std::fs::create_dir_all(&queue).expect("a folder");
        std::fs::write(queue.join("id:000001"), [7]).expect("a file");
        let folder = running.leave();
        recover(&project, target, &mut |_| Ok(())).expect("folders");
        assert!(corpus.join(corpus::name(&[7])).is_file() && !folder.exists());
        let parent = parent(&project, target);
        let _ = std::fs::remove_dir_all(parent.parent().expect("a path of several folders"));
    }

    #[test]
    fn findings_of_a_killed_campaign_are_recovered_once_but_not_those_of_a_running_campaign() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let target = &registry::GRID;
        let begin = |content: &[u8]| {
            let running = Running::begin(&project, target, LIBFUZZER, &[]).expect("a folder");
            let artifacts = artifacts(&running.job(0));
            std::fs::create_dir_all(&artifacts).expect("a folder");
            std::fs::write(artifacts.join("crash-1"), content).expect("a file");
            running
        };
        let alive = begin(&[1]);
        let killed = begin(&[2]);
        // A process that is killed releases the lock, but removes nothing.
        let folder = killed.leave();
        let recover = || recover(&project, target, &mut |_| Ok(())).expect("folders");
        let inputs = recover();
        assert_eq!(inputs.iter().map(|input| &*input.bytes).collect::<Vec<_>>(), [[2]]);
        assert!(!folder.exists() && alive.folder.path().exists());
        assert!(recover().is_empty());
        drop(alive);
        let parent = parent(&project, target);
        let _ = std::fs::remove_dir_all(parent.parent().expect("a path of several folders"));
    }
}
