//! The copy of the checkout in which bugs are planted: `target/planted/checkout`.
//!
//! The copy is kept between runs and has one build folder for all patches. Only files with
//! different content are written, so after a patch, cargo rebuilds only the core and the packages
//! that depend on it, incrementally.
//!
//! - The checkout itself is only read.
//! - After [`Checkout::refresh`] the copy has the files that cargo sees in the checkout, including
//!   uncommitted ones.
//! - One program at a time uses the copy.
//!
//! The copy is in an ignored folder of a git work tree. If `git apply` finds that work tree, it
//! silently skips all files. `GIT_CEILING_DIRECTORIES` prevents `git apply` from searching above
//! the copy.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::patch::Patch;
use crate::process::{self, Ran};
use crate::{inputs, tools};

/// The sources on which the outcome of a search depends: the core, the suite, and the code that
/// builds and shrinks.
const SOURCES: [&str; 27] = [
    "Cargo.lock",
    "Cargo.toml",
    "dictionaries/",
    "fuzz/Cargo.toml",
    "fuzz/campaign/src/build.rs",
    "fuzz/campaign/src/driver/",
    "fuzz/campaign/src/finding/",
    "fuzz/campaign/src/instrument.rs",
    "fuzz/campaign/src/judge.rs",
    "fuzz/campaign/src/program/",
    "fuzz/cli/Cargo.toml",
    "fuzz/drivers/afl/",
    "fuzz/drivers/guards/",
    "fuzz/drivers/honggfuzz/",
    "fuzz/fuzz_targets/",
    "fuzz/harness/Cargo.toml",
    "fuzz/harness/src/",
    "fuzz/input/Cargo.toml",
    "fuzz/input/src/",
    "fuzz/model/Cargo.toml",
    "fuzz/model/src/",
    "fuzz/props/",
    "fuzz/protocol/src/",
    "fuzz/src/",
    "fuzz/targets/",
    "lsm/checksum/src/",
    "lsm/src/",
];

/// Folders that runs write in the copy. A refresh does not touch them.
const LEFT_ALONE: [&str; 3] = ["target", "fuzz/work", "fuzz/artifacts"];

/// Whether a patch can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The patch applies, and the core compiles with it.
    Good,
    /// The patch does not apply. The text is the message of git.
    DoesNotApply(String),
    /// The core does not compile with the patch. The text is the first error of the compiler.
    DoesNotCompile(String),
}

/// The copy.
#[derive(Debug)]
pub(crate) struct Checkout<'a> {
    original: &'a Project,
    copy: Project,
    /// Locked until it is dropped.
    _lock: File,
}

impl<'a> Checkout<'a> {
    /// Opens the copy, which is created if it does not exist.
    pub(crate) fn open(original: &'a Project) -> Result<Self> {
        let folder = folder(original);
        let root = folder.join("checkout");
        tools::ensure_writable(&root)?;
        let lock = File::create(folder.join("lock")).context("cannot create the lock file")?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another `downbeat planted`, `compare` or `mutants` is running in {}; wait until it ends",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the lock file")?,
        }
        // The copy shares the checkout's tools.
        let tools = original.build().join("tools");
        let link = root.join("target/tools");
        std::fs::create_dir_all(&tools).context("cannot create the folder of tools")?;
        std::fs::create_dir_all(root.join("target"))
            .context("cannot create the build folder of the copy")?;
        if !link.exists() {
            std::os::unix::fs::symlink(&tools, &link).context("cannot link the folder of tools")?;
        }
        Ok(Checkout { original, copy: Project::at(&root), _lock: lock })
    }

    /// The copy as a project.
    pub(crate) fn project(&self) -> &Project {
        &self.copy
    }

    /// Makes the copy equal to the checkout, which removes planted bugs. Returns a hash of
    /// [`SOURCES`].
    pub(crate) fn refresh(&self) -> Result<u128> {
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

    /// A hash of the committed corpus of a target.
    pub(crate) fn corpus(&self, target: &Listing) -> Result<u128> {
        self.hash(&[self.copy.corpus(target.name)])
    }

    /// The folders with inputs of a target that its checks pass: its committed corpus, and its
    /// known bugs.
    pub(crate) fn passing(&self, target: &Listing) -> Vec<PathBuf> {
        let folders = [self.copy.corpus(target.name), self.copy.bugs().join(target.name)];
        folders.into_iter().filter(|folder| folder.is_dir()).collect()
    }

    /// A hash of the inputs in folders.
    pub(crate) fn hash(&self, folders: &[PathBuf]) -> Result<u128> {
        let mut hash = XxHash3_128::new();
        for folder in folders {
            for file in inputs::files(folder)? {
                let input = std::fs::read(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                hash.write(&(input.len() as u64).to_le_bytes());
                hash.write(&input);
            }
        }
        Ok(hash.finish_128())
    }

    /// Changes a file of the copy. `change` returns the new text, or `None` if it does not fit.
    pub(crate) fn change(
        &self,
        file: &str,
        change: impl FnOnce(&str) -> Option<String>,
    ) -> Result<()> {
        let path = self.copy.root().join(file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let changed = change(&text).with_context(|| format!("the change does not fit {file}"))?;
        self.write(Path::new(file), changed.as_bytes())
    }

    /// Applies a patch to the copy. The inner error says why the patch does not apply.
    pub(super) fn apply(&self, patch: &Patch) -> Result<Result<(), String>> {
        let file = folder(self.original).join("patch");
        std::fs::write(&file, &patch.text).context("cannot write the file of the patch")?;
        let root =
            self.copy.root().canonicalize().context("cannot find the copy of the checkout")?;
        let mut command = git();
        command
            .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap_or(&root))
            .args(["apply", "--whitespace=nowarn"])
            .arg(file.canonicalize().context("cannot find the file of the patch")?)
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
                "git apply succeeds for {}, but does not change {file}",
                patch.name()
            );
        }
        Ok(Ok(()))
    }

    /// Checks that patches apply and that the core compiles with all of them together. If the core
    /// does not compile, checks each patch alone. No two patches may change the same file.
    ///
    /// The copy equals the checkout before and after.
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
                *verdict = alone.into_iter().next().context("the patch has no verdict")?;
            }
        }
        Ok(verdicts)
    }

    /// A command that runs this program in the copy.
    pub(super) fn program(&self) -> Result<Command> {
        let program = std::env::current_exe().context("cannot find the path of this program")?;
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

    /// Runs a command of cargo. Returns the first error of the compiler if the command fails.
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

    /// Writes a file if its content differs. An unchanged file is not written, because cargo would
    /// compile it again.
    fn write(&self, file: &Path, content: &[u8]) -> Result<()> {
        let path = self.copy.root().join(file);
        let reason = || format!("cannot write {}", path.display());
        if std::fs::read(&path).is_ok_and(|old| old == content) {
            return Ok(());
        }
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).with_context(reason)?;
        std::fs::write(&path, content).with_context(reason)
    }

    /// Removes files that the checkout does not have.
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

/// The folder of the copy, the results and the lock file.
pub(crate) fn folder(project: &Project) -> PathBuf {
    project.build().join("planted")
}

/// The existing files of a checkout: committed, changed, or new and not ignored.
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

/// A git command that uses the repository of its current folder, even when a git hook runs this
/// program.
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

    /// A repository with one file of the core. Git ignores its folder `target`.
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
    fn a_patch_changes_only_the_copy_and_a_refresh_reverts_it() {
        let (root, project) = repository();
        let checkout = Checkout::open(&project).expect("a copy");
        let sources = checkout.refresh().expect("the checkout is copied");
        checkout.apply(&patch("one", "two")).expect("git starts").expect("it applies");
        let copied = checkout.copy.root().join("lsm/src/a.rs");
        assert_eq!(std::fs::read_to_string(&copied).expect("the file exists"), "two\n");
        let own = root.path().join("lsm/src/a.rs");
        assert_eq!(std::fs::read_to_string(own).expect("the file exists"), "one\n");
        assert_eq!(checkout.refresh().expect("the checkout is copied"), sources);
        assert_eq!(std::fs::read_to_string(&copied).expect("the file exists"), "one\n");
        assert!(checkout.apply(&patch("three", "two")).expect("git starts").is_err());
    }

    #[test]
    fn a_refresh_writes_changed_files_and_removes_deleted_files() {
        let (root, project) = repository();
        let checkout = Checkout::open(&project).expect("a copy");
        let before = checkout.refresh().expect("the checkout is copied");
        let copied = checkout.copy.root().join("lsm/src/a.rs");
        let written =
            || copied.metadata().and_then(|data| data.modified()).expect("the file exists");
        let first = written();
        std::fs::write(root.path().join("lsm/src/b.rs"), "new\n").expect("a file");
        let with_new = checkout.refresh().expect("the checkout is copied");
        assert_ne!(with_new, before);
        assert_eq!(written(), first, "an unchanged file is not written");
        std::fs::remove_file(root.path().join("lsm/src/b.rs")).expect("the file exists");
        assert_eq!(checkout.refresh().expect("the checkout is copied"), before);
        assert!(!checkout.copy.root().join("lsm/src/b.rs").exists());
        std::fs::write(root.path().join("README.md"), "words\n").expect("a file");
        assert_eq!(
            checkout.refresh().expect("the checkout is copied"),
            before,
            "pages have no effect"
        );
    }

    #[test]
    fn two_programs_do_not_use_one_copy_at_the_same_time() {
        let (_root, project) = repository();
        let first = Checkout::open(&project).expect("a copy");
        let refused = Checkout::open(&project).expect_err("it is locked");
        assert!(
            refused.to_string().contains("another `downbeat planted`, `compare` or `mutants` is")
        );
        drop(first);
        Checkout::open(&project).expect("it is free again");
    }
}
