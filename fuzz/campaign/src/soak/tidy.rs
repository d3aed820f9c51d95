//! Keeps the work folder of a target small: removes inputs that add no coverage to the others.
//!
//! An input is removed only after every input that replaces it is on disk, so a soak that is killed
//! meanwhile loses no coverage.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;

use super::journal::Minimized;
use crate::corpus::merge::{Adds, merge};
use crate::observer::Observer;
use crate::program::Program;
use crate::{encoding_of, inputs};

/// A work folder is minimized when it has this many inputs more than twice as many as after the
/// last time.
const ROOM: usize = 200;

/// Whether a work folder with this many inputs is to be minimized.
pub(super) fn is_due(inputs: usize, after_last: usize) -> bool {
    inputs > 2 * after_last + ROOM
}

/// The number of inputs in the work folder of a target.
pub(super) fn count(project: &Project, target: &str) -> usize {
    inputs::files(&project.work(target)).map_or(0, |files| files.len())
}

/// Minimizes the work folder: leaves the inputs that add coverage to the committed corpus.
pub(super) fn tidy(
    project: &Project,
    target: &Program,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Minimized> {
    let name = target.name();
    let work = project.work(name);
    let files = inputs::files(&work)?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let committed = project.corpus(name);
    encoding_of::mark(target, scratch.path())?;
    if committed.is_dir() {
        for file in inputs::files(&committed)? {
            inputs::write_all(scratch.path(), [inputs::read(target, &file)?])?;
        }
    }
    let sources = std::slice::from_ref(&work);
    let merged = merge(project, target, sources, scratch.path(), Adds::News, observer, stop)?;
    let stays = merged.gathered.inputs;
    inputs::write_all(&work, stays.values().map(|source| source.bytes.clone()))?;
    // An input that fails stays, too.
    let failing: BTreeSet<_> = merged.failing.iter().map(|f| f.source.file.clone()).collect();

    for file in &files {
        let named = file
            .file_name()
            .is_some_and(|name| name.to_str().is_some_and(|name| stays.contains_key(name)));
        if named || failing.contains(file) {
            continue;
        }
        std::fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    let after = count(project, name);
    Ok(Minimized { target: name.to_owned(), before: files.len(), after })
}
