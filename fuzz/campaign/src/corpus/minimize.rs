//! A corpus made small: the fewest inputs that reach what all do, by libFuzzer's set cover, in
//! canonical form, named by their content.
//!
//! Invariants: what is written reaches every edge that the inputs reached (but for the decoding of
//! forms that are not canonical); the committed corpus is
//! replaced whole, and only when the new one is within its bounds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use downbeat::project::Project;
use downbeat::{AnyTarget, corpus};

use crate::driver::Driver;
use crate::inputs;
use crate::observer::Observer;
use crate::process::{self, Ran};

/// Merges after which a corpus is as small as it gets; each is seen to shrink it less.
const ROUNDS_MAX: u32 = 5;

/// Minimises the inputs in `folders`. Names and contents of those that stay.
///
/// # Errors
///
/// The driver cannot be built or run, or a folder cannot be read.
pub fn minimize(
    project: &Project,
    target: &'static dyn AnyTarget,
    folders: &[PathBuf],
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<BTreeMap<String, Vec<u8>>> {
    Driver::Libfuzzer.build(project, &[target], observer, stop)?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut sources = folders.to_vec();
    let mut kept = BTreeMap::new();
    for round in 0..ROUNDS_MAX {
        let merged = scratch.path().join(round.to_string());
        std::fs::create_dir(&merged).context("cannot make a temporary folder")?;
        merge(project, target, &sources, &merged, stop)?;
        let before = if round == 0 { usize::MAX } else { kept.len() };
        kept = canonical(target, &merged)?;
        if kept.len() >= before {
            break;
        }
        let canonical = scratch.path().join(format!("{round}-canonical"));
        inputs::write_all(&canonical, kept.values().cloned())?;
        sources = vec![canonical];
    }
    Ok(kept)
}

/// Replaces the committed corpus of `target` by `kept`.
///
/// # Errors
///
/// The corpus is empty or over its bounds, or the folder cannot be written.
pub fn write(
    project: &Project,
    target: &dyn AnyTarget,
    kept: &BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    let bytes: u64 = kept.values().map(|input| input.len() as u64).sum();
    ensure!(
        (1..=corpus::FILES_MAX).contains(&kept.len()) && bytes <= corpus::BYTES_MAX,
        "{} inputs of {bytes} bytes; a committed corpus has 1 to {} of {} bytes together",
        kept.len(),
        corpus::FILES_MAX,
        corpus::BYTES_MAX
    );
    let folder = project.corpus(target.name());
    inputs::write_all(&folder, kept.values().cloned())?;
    for file in inputs::files(&folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !kept.contains_key(&name) {
            std::fs::remove_file(&file)
                .with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

fn merge(
    project: &Project,
    target: &'static dyn AnyTarget,
    sources: &[PathBuf],
    merged: &Path,
    stop: &AtomicBool,
) -> Result<()> {
    let mut command = Driver::libfuzzer_program(project, target);
    command
        .arg("-set_cover_merge=1")
        .arg(format!("-max_len={}", target.budget().input_bytes))
        .arg(merged)
        .args(sources);
    match process::run(&mut command, Duration::MAX, stop)? {
        Ran::Ended(status, _) if status.success() => Ok(()),
        Ran::Ended(status, said) => {
            bail!("the merge failed ({status}): {}", process::last_line(&said))
        }
        Ran::TooLong | Ran::Stopped => bail!("interrupted; nothing was written"),
    }
}

fn canonical(target: &dyn AnyTarget, folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut kept = BTreeMap::new();
    for file in inputs::files(folder)? {
        let input = target.canonical(&inputs::read(target, &file)?);
        kept.insert(corpus::name(&input), input);
    }
    Ok(kept)
}
