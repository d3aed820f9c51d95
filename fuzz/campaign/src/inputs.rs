//! Inputs in files and folders, as bytes or text.
//!
//! A file is text if its name ends in `.txt` or its content starts with a title (`# downbeat ...`),
//! possibly after a byte order mark. Every other file is bytes.
//!
//! The inputs of a folder are:
//!
//! - if it has an `ops.txt`: only this file, because the folder is that of a finding or of a bug;
//! - otherwise, if it has a folder to which a driver writes its corpus (`queue` of AFL++, `corpus`
//!   of bolero, `input` of honggfuzz): the inputs of that folder;
//! - otherwise its files, and one level down: of each folder in it, the `ops.txt`, or else the
//!   inputs of such a folder. Names that start with a dot are skipped.

use std::path::{Path, PathBuf};

use crate::encoding_of::{self, Version};
use crate::folder::{entries, write_whole};
use crate::program::Program;
use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::corpus;

/// The start of a text that names its target and encoding.
const TITLE: &[u8] = b"# downbeat ";

/// The byte order mark in UTF-8, which some editors write at the start of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The folders to which drivers write their corpora, below the folder of a run.
const QUEUES: [&str; 3] = ["queue", "corpus", "input"];

/// The folder of a corpus in the folder of a run.
fn queue(folder: &Path) -> Option<PathBuf> {
    QUEUES.map(|name| folder.join(name)).into_iter().find(|queue| queue.is_dir())
}

/// Returns the files of the inputs in the folder `path`, sorted by path. If `path` is a file,
/// returns the file itself.
///
/// # Errors
///
/// Returns an error if `path` does not exist or cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let reason = || format!("cannot read {}", path.display());
    if !path.metadata().with_context(reason)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let text = path.join("ops.txt");
    if text.is_file() {
        return Ok(vec![text]);
    }
    if let Some(queue) = queue(path) {
        return files(&queue);
    }
    let mut files = Vec::new();
    for path in entries(path)? {
        let text = path.join("ops.txt");
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        } else if path.is_file() {
            files.push(path);
        } else if text.is_file() {
            files.push(text);
        } else if let Some(queue) = queue(&path) {
            files.extend(self::files(&queue)?);
        }
    }
    files.sort();
    Ok(files)
}

/// Like [`files`], but requires at least one file.
///
/// # Errors
///
/// Returns the errors of [`files`], and an error if `path` is a folder without inputs.
pub fn files_or_refuse(path: &Path) -> Result<Vec<PathBuf>> {
    let files = files(path)?;
    ensure!(!files.is_empty(), "no inputs in {}", path.display());
    Ok(files)
}

/// Reads the input in the file at `path`, bytes or text. Bytes of an earlier version of the
/// encoding become those of the present one.
///
/// # Errors
///
/// Returns an error if the file cannot be read, is a malformed text, or is in an unknown version of
/// the encoding. The error names the file, and of a text the line and the column.
pub fn read(target: &Program, path: &Path) -> Result<Vec<u8>> {
    let bytes = read_file(path)?;
    let is_text = path.extension().is_some_and(|extension| extension == "txt");
    if is_text || has_title(&bytes) {
        return target.encode(path, &bytes);
    }
    match encoding_of::version(target, path.parent().unwrap_or(path))? {
        Version::Present => Ok(bytes),
        Version::Earlier(version) => encoding_of::migrate(target, &bytes, version)
            .with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Whether the content of a file starts with a title. A byte order mark before the title is
/// skipped, as the parser of texts does.
fn has_title(bytes: &[u8]) -> bool {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).starts_with(TITLE)
}

/// Reads the text in the file at `path`, whatever its name, and encodes it.
///
/// # Errors
///
/// Returns the errors of [`read`].
pub fn read_text(target: &Program, path: &Path) -> Result<Vec<u8>> {
    target.encode(path, &read_file(path)?)
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes inputs to `folder`, which is created if it does not exist. Each input is written
/// completely or not at all, and an existing file is not overwritten. Returns the number of new
/// files.
///
/// # Errors
///
/// Returns an error if the folder cannot be written.
pub fn write_all(folder: &Path, inputs: impl IntoIterator<Item = Vec<u8>>) -> Result<usize> {
    if folder.exists() && !folder.is_dir() {
        bail!("{} is a file; name a folder", folder.display());
    }
    crate::tools::ensure_writable(folder)?;
    let mut written = 0;
    for input in inputs {
        let path = folder.join(corpus::name(&input));
        if !path.exists() {
            write_whole(&path, &input)?;
            written += 1;
        }
    }
    Ok(written)
}

/// Checks that a driver may read the inputs of `folder`: they are in the present version of the
/// encoding. If the folder has no inputs, marks it.
///
/// # Errors
///
/// Returns an error if the inputs are in an earlier version, in a later one or in an unknown one,
/// or if a file cannot be read or written.
pub fn ensure_present(target: &Program, folder: &Path) -> Result<()> {
    if folder.is_dir() && files(folder)?.is_empty() {
        return encoding_of::mark_empty(target, folder);
    }
    encoding_of::refuse_earlier(target, folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_makes_a_file_text_with_and_without_a_byte_order_mark() {
        let text = "# downbeat cache_map, encoding 1\nopen\n";
        assert!(has_title(text.as_bytes()));
        assert!(has_title(format!("\u{feff}{text}").as_bytes()));
        assert!(!has_title(format!("\u{feff}\u{feff}{text}").as_bytes()));
        assert!(!has_title(format!(" {text}").as_bytes()));
        assert!(!has_title("\u{feff}".as_bytes()));
        assert!(!has_title(b"\xEF\xBB# downbeat "));
    }
}
