//! The copy of the checkout that bugs are planted in: `target/planted/checkout`.
//!
//! It stays from run to run, with one build folder for all patches. Only files whose content differs
//! are written, so a patch costs a build of what depends on the core, incremental, and no more.
//!
//! Invariants: the checkout itself is only read; after [`Checkout::refresh`] the copy is what cargo
//! would see in the checkout, files that nobody has committed yet included; one program at a time works
//! in it.
//!
//! Trap: the copy lies in a folder that git ignores, inside of a work tree. A `git apply` that finds
//! that work tree passes over every file below the current folder without a word; it is told to look no
//! further up than the copy.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::patch::Patch;
use crate::process::{self, Ran};
use crate::tools;

/// What decides how a search ends: the core, the suite, what builds and shrinks. Tests do not.
const SOURCES: [&str; 20] = [
    "Cargo.lock",
    "Cargo.toml",
    "dictionaries/",
    "fuzz/Cargo.toml",
    "fuzz/campaign/src/build.rs",
    "fuzz/campaign/src/driver/",
    "fuzz/campaign/src/finding/",
    "fuzz/campaign/src/judge.rs",
    "fuzz/campaign/src/program/",
    "fuzz/drivers/afl/",
    "fuzz/drivers/honggfuzz/",
    "fuzz/fuzz_targets/",
    "fuzz/harness/Cargo.toml",
    "fuzz/harness/src/",
    "fuzz/model/src/",
    "fuzz/props/",
    "fuzz/protocol/src/",
    "fuzz/src/",
    "fuzz/targets/",
    "lsm/src/",
];

/// What runs leave in the copy, and a refresh leaves alone.
const LEFT_ALONE: [&str; 3] = ["target", "fuzz/work", "fuzz/artifacts"];

/// What is to be said of a patch without a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It applies, and the core compiles with it.
    Good,
    /// It does not apply; with what git said.
    DoesNotApply(String),
    /// The core does not compile with it; with what the compiler said first.
    DoesNotCompile(String),
}

/// The copy.
#[derive(Debug)]
pub(super) struct Checkout<'a> {
    original: &'a Project,
    copy: Project,
    /// Locked as long as this lives.
    _lock: File,
}

impl<'a> Checkout<'a> {
    /// Opens the copy, made if it is missing.
    pub(super) fn open(original: &'a Project) -> Result<Self> {
        let folder = folder(original);
        let root = folder.join("checkout");
        tools::ensure_writable(&root)?;
        let lock = File::create(folder.join("lock")).context("cannot make a file of lock")?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another `downbeat planted` is at work in {}; wait until it has ended",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the copy")?,
        }
        // Tools are installed once for both.
        let tools = original.build().join("tools");
        let link = root.join("target/tools");
        std::fs::create_dir_all(&tools).context("cannot make the folder of tools")?;
        std::fs::create_dir_all(root.join("target")).context("cannot make a build folder")?;
        if !link.exists() {
            std::os::unix::fs::symlink(&tools, &link).context("cannot link the folder of tools")?;
        }
        Ok(Checkout { original, copy: Project::at(&root), _lock: lock })
    }

    /// The copy, as a checkout.
    pub(super) fn project(&self) -> &Project {
        &self.copy
    }

    /// Makes the copy what the checkout is, without any bug but its own. Returns a hash of what
    /// decides how a search ends.
    pub(super) fn refresh(&self) -> Result<u128> {
        let files = listed(self.original)?;
        let mut sources = XxHash3_128::new();
        for file in &files {
            let content = std::fs::read(self.original.root().join(file))
                .with_context(|| format!("cannot read {}", file.display()))?;
            self.write(file, &content)?;
            if SOURCES
                .iter()
                .any(|source| file.as_os_str().as_bytes().starts_with(source.as_bytes()))
            {
                sources.write(&(file.as_os_str().len() as u64).to_le_bytes());
                sources.write(file.as_os_str().as_bytes());
                sources.write(&(content.len() as u64).to_le_bytes());
                sources.write(&content);
            }
        }
        self.remove_others(Path::new(""), &files)?;
        Ok(sources.finish_128())
    }

    /// Applies a patch to the copy. `Err` in the result: it does not apply; with why.
    pub(super) fn apply(&self, patch: &Patch) -> Result<Result<(), String>> {
        let file = folder(self.original).join("patch");
        std::fs::write(&file, &patch.text).context("cannot write a patch")?;
        let root = self.copy.root().canonicalize().context("cannot find the copy")?;
        let mut command = git();
        command
            .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap_or(&root))
            .args(["apply", "--whitespace=nowarn"])
            .arg(file.canonicalize().context("cannot find a patch")?)
            .current_dir(&root);
        let output = command.output().context("cannot start git")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(Err(said.lines().next().unwrap_or("git apply failed").to_owned()));
        }
        for file in patch.files() {
            let read = |project: &Project| std::fs::read(project.root().join(file));
            ensure!(
                read(&self.copy).ok() != read(self.original).ok(),
                "git says that {} applies, and did not change {file}",
                patch.name()
            );
        }
        Ok(Ok(()))
    }

    /// Whether patches apply, and the core compiles with them: with all at once, and where it does not, with
    /// each alone. No two of them may change the same file. The copy is as the checkout before and after.
    pub(super) fn check(&self, patches: &[&Patch], stop: &AtomicBool) -> Result<Vec<Verdict>> {
        self.refresh()?;
        let mut verdicts = Vec::with_capacity(patches.len());
        for patch in patches {
            let applied = self.apply(patch)?;
            verdicts.push(applied.map_or_else(Verdict::DoesNotApply, |()| Verdict::Good));
        }
        if verdicts.iter().all(|verdict| *verdict != Verdict::Good) {
            self.refresh()?;
            return Ok(verdicts);
        }
        let mut check = self.cargo(&["check", "--quiet", "--package", "downbeat-lsm"]);
        let checked = self.run(&mut check, stop)?;
        self.refresh()?;
        let Some(why) = checked else { return Ok(verdicts) };
        if patches.len() == 1 {
            return Ok(vec![Verdict::DoesNotCompile(why)]);
        }
        for (patch, verdict) in patches.iter().zip(&mut verdicts) {
            if *verdict == Verdict::Good {
                let alone = self.check(&[patch], stop)?;
                *verdict = alone.into_iter().next().context("a patch has a verdict")?;
            }
        }
        Ok(verdicts)
    }

    /// This program, at work in the copy: it builds there what a driver needs for one target.
    pub(super) fn program(&self) -> Result<Command> {
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut command = Command::new(program);
        command.current_dir(self.copy.root()).env("CARGO_INCREMENTAL", "1");
        Ok(command)
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = tools::cargo(&self.copy);
        command
            .args(arguments)
            .arg("--target-dir")
            .arg(self.copy.build())
            .env("CARGO_INCREMENTAL", "1");
        command
    }

    /// Returns what the compiler said first if it fails.
    fn run(&self, command: &mut Command, stop: &AtomicBool) -> Result<Option<String>> {
        match process::run(command, Duration::MAX, stop)? {
            Ran::Ended(status, _) if status.success() => Ok(None),
            Ran::Ended(_, said) => {
                let first = said.lines().find(|line| line.starts_with("error"));
                Ok(Some(first.unwrap_or(process::last_line(&said)).to_owned()))
            }
            Ran::TooLong | Ran::Stopped => bail!("interrupted"),
        }
    }

    /// Writes a file unless it is as it should be: a file that is written is built again.
    fn write(&self, file: &Path, content: &[u8]) -> Result<()> {
        let path = self.copy.root().join(file);
        let reason = || format!("cannot write {}", path.display());
        if std::fs::read(&path).is_ok_and(|old| old == content) {
            return Ok(());
        }
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).with_context(reason)?;
        std::fs::write(&path, content).with_context(reason)
    }

    /// Removes what the checkout has no more.
    fn remove_others(&self, folder: &Path, files: &BTreeSet<PathBuf>) -> Result<()> {
        let reason = || format!("cannot clear {} in the copy", folder.display());
        for entry in self.copy.root().join(folder).read_dir().with_context(reason)? {
            let entry = entry.with_context(reason)?;
            let place = folder.join(entry.file_name());
            if LEFT_ALONE.iter().any(|left| place == Path::new(left)) {
                continue;
            }
            if entry.file_type().with_context(reason)?.is_dir() {
                self.remove_others(&place, files)?;
            } else if !files.contains(&place) {
                std::fs::remove_file(entry.path()).with_context(reason)?;
            }
        }
        Ok(())
    }
}

/// Where the copy, the results and the lock are.
pub(super) fn folder(project: &Project) -> PathBuf {
    project.build().join("planted")
}

/// The files of a checkout that are there: committed, changed, or new and not ignored.
fn listed(project: &Project) -> Result<BTreeSet<PathBuf>> {
    let mut command = git();
    command
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(project.root());
    let output = command.output().context("cannot start git")?;
    ensure!(
        output.status.success(),
        "git cannot list the files of {}: {}",
        project.root().display(),
        process::last_line(&String::from_utf8_lossy(&output.stderr))
    );
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths = names.map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(name)));
    Ok(paths.filter(|path| project.root().join(path).is_file()).collect())
}

/// A git that takes the repository from where it is started, also when a hook of git started this.
fn git() -> Command {
    let mut command = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with a file of the core, and one that git ignores.
    fn repository() -> (tempfile::TempDir, Project) {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        for (file, content) in [("lsm/src/a.rs", "one\n"), (".gitignore", "/target\n")] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        let mut init = git();
        init.args(["init", "--quiet"]).current_dir(root.path());
        assert!(init.status().expect("git starts").success());
        (root, project)
    }

    fn patch(from: &str, to: &str) -> Patch {
        let text = format!(
            "# fuzz/planted/cache_map/slug.patch\n# what w\n# seen shape: s\n# target cache_map\n\
             # expect check a/b\n# difficulty e\n\
             --- a/lsm/src/a.rs\n+++ b/lsm/src/a.rs\n@@ -1 +1 @@\n-{from}\n+{to}\n"
        );
        Patch::parse(Path::new("fuzz/planted/cache_map/slug.patch"), &text).expect("well-formed")
    }

    #[test]
    fn a_patch_changes_the_copy_alone_and_a_refresh_takes_it_out() {
        let (root, project) = repository();
        let checkout = Checkout::open(&project).expect("a copy");
        let sources = checkout.refresh().expect("it is copied");
        checkout.apply(&patch("one", "two")).expect("git starts").expect("it applies");
        let copied = checkout.copy.root().join("lsm/src/a.rs");
        assert_eq!(std::fs::read_to_string(&copied).expect("it is there"), "two\n");
        let own = root.path().join("lsm/src/a.rs");
        assert_eq!(std::fs::read_to_string(own).expect("it is there"), "one\n");
        assert_eq!(checkout.refresh().expect("it is copied"), sources);
        assert_eq!(std::fs::read_to_string(&copied).expect("it is there"), "one\n");
        assert!(checkout.apply(&patch("three", "two")).expect("git starts").is_err());
    }

    #[test]
    fn a_refresh_writes_what_differs_and_removes_what_is_gone() {
        let (root, project) = repository();
        let checkout = Checkout::open(&project).expect("a copy");
        let before = checkout.refresh().expect("it is copied");
        let copied = checkout.copy.root().join("lsm/src/a.rs");
        let written = || copied.metadata().and_then(|data| data.modified()).expect("it is there");
        let first = written();
        std::fs::write(root.path().join("lsm/src/b.rs"), "new\n").expect("a file");
        let with_new = checkout.refresh().expect("it is copied");
        assert_ne!(with_new, before);
        assert_eq!(written(), first, "a file that is as it was is not written");
        std::fs::remove_file(root.path().join("lsm/src/b.rs")).expect("it is there");
        assert_eq!(checkout.refresh().expect("it is copied"), before);
        assert!(!checkout.copy.root().join("lsm/src/b.rs").exists());
        std::fs::write(root.path().join("README.md"), "words\n").expect("a file");
        assert_eq!(checkout.refresh().expect("it is copied"), before, "words decide nothing");
    }

    #[test]
    fn two_programs_do_not_work_in_one_copy() {
        let (_root, project) = repository();
        let first = Checkout::open(&project).expect("a copy");
        let refused = Checkout::open(&project).expect_err("it is locked");
        assert!(refused.to_string().contains("another `downbeat planted` is at work"));
        drop(first);
        Checkout::open(&project).expect("it is free again");
    }
}
