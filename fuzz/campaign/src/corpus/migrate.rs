//! Migrates folders of inputs to the present version of the encoding.
//!
//! - Each input keeps its meaning: its text in the old version and its text in the present version
//!   are equal, and are compared.
//! - An input is named by its content, so it gets another name. A file with the name of a driver
//!   gets such a name, too.
//! - New files are written to a folder beside the old one, which takes its place as a whole. After
//!   a kill, the old folder is still there, in its place or beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::encoding_of::{self, Version};
use crate::inputs;
use crate::program::Program;

/// What a migration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The number of files that were read.
    pub files: usize,
    /// The number of inputs whose bytes are now others.
    pub changed: usize,
    /// The number of bytes of all inputs before, and after.
    pub bytes: [u64; 2],
}

/// Migrates the inputs in `folder`. `from` is their version; `None` if the folder says it. Returns
/// `None` if the folder is in the present version and says so.
///
/// # Errors
///
/// Returns an error if the version is unknown, an input would change its meaning, or a folder
/// cannot be read or written. The folder is then as it was.
pub fn migrate(target: &Program, folder: &Path, from: Option<u32>) -> Result<Option<Migrated>> {
    let encoding = target.facts().encoding;
    if let Some(from) = from {
        let present = encoding.version;
        ensure!((1..=present).contains(&from), "encodings are 1 to {present}, not {from}");
    }
    let version = match from {
        None => encoding_of::version(target, folder)?,
        Some(from) if from < encoding.since => Version::Earlier(from),
        Some(_) => Version::Present,
    };
    let Version::Earlier(version) = version else {
        if from.is_some() {
            encoding_of::mark(target, folder)?;
        }
        return Ok(None);
    };
    let mut migrated = Migrated::default();
    let mut made = BTreeSet::new();
    for file in inputs::files(folder)? {
        let old =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let new = encoding_of::migrate(target, &old, version)
            .with_context(|| file.display().to_string())?;
        migrated.files += 1;
        migrated.changed += usize::from(new != old);
        migrated.bytes[0] += old.len() as u64;
        migrated.bytes[1] += new.len() as u64;
        made.insert(new);
    }
    replace(target, folder, made)?;
    Ok(Some(migrated))
}

/// Replaces all files of `folder` by `inputs`.
fn replace(target: &Program, folder: &Path, inputs: BTreeSet<Vec<u8>>) -> Result<()> {
    let (new, old) = (beside(folder, "new")?, beside(folder, "old")?);
    if new.exists() {
        std::fs::remove_dir_all(&new)
            .with_context(|| format!("cannot remove {}", new.display()))?;
    }
    ensure!(
        !old.exists(),
        "{} is left of a migration that was killed: move it away",
        old.display()
    );
    inputs::write_all(&new, inputs)?;
    encoding_of::mark(target, &new)?;
    let reason = || format!("cannot replace {}", folder.display());
    std::fs::rename(folder, &old).with_context(reason)?;
    std::fs::rename(&new, folder).with_context(reason)?;
    std::fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", old.display()))
}

/// A folder beside `folder`, whose name starts with a dot.
fn beside(folder: &Path, what: &str) -> Result<PathBuf> {
    let name = folder.file_name().context("the folder has no name")?.to_string_lossy();
    Ok(folder.with_file_name(format!(".{name}-{what}")))
}
