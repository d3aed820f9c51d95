//! Inputs in files and folders, bytes or text.
//!
//! A file is text if its name ends in `.txt` or its content starts with a title
//! (`# downbeat ...`); every other one is bytes. A folder is its files, by name, without those whose
//! name starts with a dot; if it is a finding's or a bug's (it has an `ops.txt`), that text alone; if
//! it is a folder of such folders, all of them. What AFL++ writes is known: of a folder with a `queue`
//! in it, the queue.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::program::Program;
use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::corpus;

/// What a text starts with, if it says of which target and encoding it is.
const TITLE: &[u8] = b"# downbeat ";

/// The files of `path`: itself, or those of a folder, sorted by name.
///
/// # Errors
///
/// There is nothing at `path`, or it cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let reason = || format!("cannot read {}", path.display());
    if !path.metadata().with_context(reason)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let text = path.join("ops.txt");
    if text.is_file() {
        return Ok(vec![text]);
    }
    let queue = path.join("queue");
    if queue.is_dir() {
        return files(&queue);
    }
    let mut files = Vec::new();
    for entry in path.read_dir().with_context(reason)? {
        let path = entry.with_context(reason)?.path();
        let text = path.join("ops.txt");
        let queue = path.join("queue");
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        } else if path.is_file() {
            files.push(path);
        } else if text.is_file() {
            files.push(text);
        } else if queue.is_dir() {
            files.extend(self::files(&queue)?);
        }
    }
    files.sort();
    Ok(files)
}

/// As [`files`], and there must be one.
///
/// # Errors
///
/// As [`files`]; also if `path` is a folder without inputs.
pub fn files_or_refuse(path: &Path) -> Result<Vec<PathBuf>> {
    let files = files(path)?;
    ensure!(!files.is_empty(), "no inputs in {}", path.display());
    Ok(files)
}

/// The bytes of the input in the file at `path`.
///
/// # Errors
///
/// The file cannot be read, or is a malformed text; with its name, line and column.
pub fn read(target: &Program, path: &Path) -> Result<Vec<u8>> {
    let bytes = read_file(path)?;
    let is_text = path.extension().is_some_and(|extension| extension == "txt");
    if is_text || bytes.starts_with(TITLE) { target.encode(path, &bytes) } else { Ok(bytes) }
}

/// The bytes of the text in the file at `path`.
///
/// # Errors
///
/// The file cannot be read, or is a malformed text; with its name, line and column.
pub fn read_text(target: &Program, path: &Path) -> Result<Vec<u8>> {
    target.encode(path, &read_file(path)?)
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes inputs into `folder`, which is made if it is missing, each whole or not at all. Says how
/// many were new there.
///
/// # Errors
///
/// The folder cannot be written; a file that is there already stays as it is.
pub fn write_all(folder: &Path, inputs: impl IntoIterator<Item = Vec<u8>>) -> Result<usize> {
    if folder.exists() && !folder.is_dir() {
        bail!("{} is a file, not a folder; name another", folder.display());
    }
    crate::tools::ensure_writable(folder)?;
    let mut written = 0;
    for input in inputs {
        let path = folder.join(corpus::name(&input));
        if !path.exists() {
            write(folder, &path, &input)
                .with_context(|| format!("cannot write {}", path.display()))?;
            written += 1;
        }
    }
    Ok(written)
}

/// Under a name with a dot first, and then under its own.
fn write(folder: &Path, path: &Path, input: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(input)?;
    file.persist(path)?;
    Ok(())
}
