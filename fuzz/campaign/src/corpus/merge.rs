//! Folders of inputs merged into one: what adds something goes there, by libFuzzer's own merge.
//!
//! Invariants: the folder keeps every file that it has; what is written is canonical, passes, and is
//! named by its content; the folder changes once the merge is over, or not at all.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use crate::program::Program;
use anyhow::{Context, Result};
use downbeat_protocol::project::Project;

use super::gather::{Gathered, write};
use super::sift::{Failing, sift};
use crate::build::Speed;
use crate::driver::LIBFUZZER;
use crate::observer::Observer;
use crate::tools;

/// Which inputs a merge adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// Those that reach what the inputs before them did not.
    News,
    /// All that pass.
    All,
}

/// What a merge came to.
#[derive(Debug)]
pub struct Merged {
    /// What was in the folders that were merged; of the inputs, those that were added.
    pub gathered: Gathered,
    /// Of those, the ones that the folder had already.
    pub known: usize,
    /// Inputs that fail, of the folders or of the one that they were merged into; not merged.
    pub failing: Vec<Failing>,
    /// Inputs that pass, and reach nothing that those before them did not.
    pub without_news: usize,
}

/// Merges the inputs of `target` in `sources` into the folder `into`, which is made if it is missing.
///
/// # Errors
///
/// A folder cannot be read or written, the driver cannot be built or run, or `stop` was set: nothing
/// is written then.
pub fn merge(
    project: &Project,
    target: &Program,
    sources: &[PathBuf],
    into: &Path,
    adds: Adds,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Merged> {
    tools::ensure_writable(into)?;
    let mut gathered = Gathered::from(target, sources)?;
    let mut there = Gathered::from(target, &[into.to_owned()])?.inputs;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let [old, new] = ["old", "new"].map(|name| scratch.path().join(name));
    let gathered_count = gathered.inputs.len();
    gathered.inputs.retain(|name, _| !there.contains_key(name));
    let known = gathered_count - gathered.inputs.len();
    let mut failing = sift(target, &mut gathered.inputs, stop)?;
    let passing = gathered.inputs.len();
    if adds == Adds::News {
        let fuzzer = LIBFUZZER.build(project, target.listing(), Speed::Soon, observer, stop)?;
        failing.extend(sift(target, &mut there, stop)?);
        write(&old, &there)?;
        write(&new, &gathered.inputs)?;
        let mut command = Command::new(fuzzer.path());
        command.arg("-merge=1").arg(format!("-max_len={}", target.budget().input_bytes));
        command.args([&old, &new]);
        super::run_merge(&mut command, scratch.path(), stop)?;
        let merged = Gathered::from(target, &[old])?.inputs;
        gathered.inputs.retain(|name, _| merged.contains_key(name));
    }
    write(into, &gathered.inputs)?;
    let without_news = passing - gathered.inputs.len();
    Ok(Merged { gathered, known, failing, without_news })
}
