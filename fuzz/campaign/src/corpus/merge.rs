//! Merges folders of inputs into one folder: adds the inputs with new coverage to it. libFuzzer's
//! own merge finds these inputs.
//!
//! - Every file that the folder has stays.
//! - An added input is canonical, passes, and is named by its content.
//! - The folder changes only after the merge. A merge that fails leaves it as it was.

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
use crate::{inputs, tools};

/// Which inputs a merge adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// The inputs with coverage that no earlier input has.
    News,
    /// All inputs that pass.
    All,
}

/// The result of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The result of reading the source folders. Its `inputs` are only those that were added.
    pub gathered: Gathered,
    /// The number of inputs in the sources that the folder already had.
    pub known: usize,
    /// Inputs that fail, in the sources or in the folder itself. They are not merged.
    pub failing: Vec<Failing>,
    /// The number of inputs that pass but have no new coverage.
    pub without_news: usize,
}

/// Merges the inputs of `target` in `sources` into the folder `into`, which is created if it does
/// not exist.
///
/// # Errors
///
/// Returns an error if a folder cannot be read or written, the driver cannot be built or run, or
/// `stop` is set.
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
    inputs::ensure_present(target, into)?;
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
        write(target, &old, &there)?;
        write(target, &new, &gathered.inputs)?;
        let mut command = Command::new(fuzzer.path());
        command.arg("-merge=1").arg(format!("-max_len={}", target.budget().input_bytes));
        command.args([&old, &new]);
        super::run_merge(&mut command, scratch.path(), stop)?;
        let merged = Gathered::from(target, &[old])?.inputs;
        gathered.inputs.retain(|name, _| merged.contains_key(name));
    }
    write(target, into, &gathered.inputs)?;
    let without_news = passing - gathered.inputs.len();
    Ok(Merged { gathered, known, failing, without_news })
}
