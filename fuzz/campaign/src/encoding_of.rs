//! In which version of the encoding the inputs of a folder are.
//!
//! The bytes of an input do not say it. Its folder does, in one of three ways:
//!
//! - by a mark, the file `.encoding/version`, which holds the number. Drivers skip folders whose
//!   names start with a dot.
//! - by the title of its `ops.txt`, if it is the folder of a finding;
//! - by the file `VERSION` next to it, if it is the folder of a committed corpus.
//!
//! Only folders of targets whose encoding has changed get a mark. So an input of another target
//! means the same in every version so far.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::folder::write_whole;
use crate::program::Program;

/// The file with the version of a folder's inputs, below the folder.
const MARK: &str = ".encoding/version";

/// The version of the encoding that the inputs of a folder are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The present version, or one in which the target's inputs have the same bytes.
    Present,
    /// An earlier version, in which some inputs have other bytes.
    Earlier(u32),
}

/// Returns the version that the inputs of `folder` are in.
///
/// # Errors
///
/// Returns an error if nothing says the version and the target's encoding has changed, if the
/// version is later than the present one, or if a file cannot be read.
pub fn version(target: &Program, folder: &Path) -> Result<Version> {
    let encoding = target.facts().encoding;
    let here = folder.display();
    match stated(folder)? {
        Some(version) if version > encoding.version => bail!(
            "{here} is in encoding {version}; this checkout reads encodings 1 to {}: update it",
            encoding.version
        ),
        Some(version) if version < encoding.since => Ok(Version::Earlier(version)),
        None if encoding.since > 1 => bail!(
            "nothing says in which encoding the inputs in {here} are, and that of {name} changed \
             with encoding {since}; if this checkout or a driver of it wrote them, say: cargo \
             downbeat corpus migrate {name} {here} --from {present}; for older inputs, --from 1",
            name = target.name(),
            since = encoding.since,
            present = encoding.version
        ),
        _ => Ok(Version::Present),
    }
}

/// Checks that the inputs of `folder` are in the present version.
///
/// # Errors
///
/// Returns the errors of [`version`], and an error if the inputs are in an earlier version.
pub(crate) fn refuse_earlier(target: &Program, folder: &Path) -> Result<()> {
    if let Version::Earlier(version) = version(target, folder)? {
        let (name, here) = (target.name(), folder.display());
        let which = match version_file(folder) {
            Some(_) => String::new(),
            None => format!(" {name} {here}"),
        };
        bail!(
            "{here} is in encoding {version}, and {name} has changed since: run cargo downbeat \
             corpus migrate{which}"
        );
    }
    Ok(())
}

/// Returns an input in the present version that has the meaning of `old`, which is in version
/// `version`.
///
/// # Errors
///
/// Returns an error if the input would change its meaning, or if the program dies.
pub fn migrate(target: &Program, old: &[u8], version: u32) -> Result<Vec<u8>> {
    let new = target.migrate(old, version)?.bytes;
    let [before, after] = [target.show_version(old, version)?, target.show(&new)?];
    ensure!(
        before == after,
        "the input means something else after the migration\nbefore:\n{before}after:\n{after}"
    );
    Ok(new)
}

/// Marks `folder`, which has no inputs, unless something says its version already.
///
/// # Errors
///
/// Returns an error if a file cannot be read, or the mark cannot be written.
pub(crate) fn mark_empty(target: &Program, folder: &Path) -> Result<()> {
    if stated(folder)?.is_none() { mark(target, folder) } else { Ok(()) }
}

/// Marks the inputs of `folder` as inputs in the present version. The folder must exist. Does
/// nothing if the target's encoding has never changed.
///
/// # Errors
///
/// Returns an error if the mark cannot be written.
pub fn mark(target: &Program, folder: &Path) -> Result<()> {
    let encoding = target.facts().encoding;
    if encoding.since == 1 { Ok(()) } else { write(folder, encoding.version) }
}

/// States that the inputs of all committed corpora are in the present version, and removes the
/// marks of these folders.
///
/// # Errors
///
/// Returns an error if a file cannot be written or removed.
pub fn state_committed(present: u32, folders: &[PathBuf]) -> Result<()> {
    let Some(version) = folders.iter().find_map(|folder| version_file(folder)) else {
        return Ok(());
    };
    write_whole(&version, format!("{present}\n").as_bytes())?;
    for folder in folders {
        if let Some(mark) = folder.join(MARK).parent().filter(|mark| mark.is_dir()) {
            let reason = || format!("cannot remove {}", mark.display());
            std::fs::remove_dir_all(mark).with_context(reason)?;
        }
    }
    Ok(())
}

/// Gives the folder `to`, which exists, the mark of a folder from which inputs are copied. Does
/// nothing if nothing says the version of `from`.
///
/// # Errors
///
/// Returns an error if a file cannot be read, or the mark cannot be written.
pub(crate) fn copy_mark(from: &Path, to: &Path) -> Result<()> {
    stated(from)?.map_or(Ok(()), |version| write(to, version))
}

fn write(folder: &Path, version: u32) -> Result<()> {
    let path = folder.join(MARK);
    let parent = path.parent().unwrap_or(folder);
    let reason = || format!("cannot write {}", path.display());
    std::fs::create_dir_all(parent).with_context(reason)?;
    write_whole(&path, format!("{version}\n").as_bytes())
}

/// The file with the version of a committed corpus in `folder`; `None` if no committed corpus is
/// there.
fn version_file(folder: &Path) -> Option<PathBuf> {
    let parent = folder.parent()?;
    let is_corpus = parent.file_name().is_some_and(|name| name == "corpus");
    is_corpus.then(|| parent.join("VERSION"))
}

/// Returns the version that a folder states; `None` if nothing states it.
fn stated(folder: &Path) -> Result<Option<u32>> {
    // Each with the text that is before the number.
    let stating = [
        (Some(folder.join(MARK)), ""),
        (Some(folder.join("ops.txt")), ", encoding "),
        (version_file(folder), ""),
    ];
    for (path, before) in stating {
        let Some(path) = path.filter(|path| path.is_file()) else { continue };
        let reason = || format!("cannot read {}", path.display());
        let text = std::fs::read_to_string(&path).with_context(reason)?;
        let first = text.lines().next().unwrap_or_default();
        // A text need not have a title.
        let Some((_, number)) = first.split_once(before) else { continue };
        let version = number.trim().parse::<u32>().ok().filter(|version| *version > 0);
        ensure!(version.is_some(), "{}: \"{number}\" is no version", path.display());
        return Ok(version);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_states_its_version_in_one_of_three_ways() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("corpus/grid");
        std::fs::create_dir_all(&folder).expect("a folder");
        let stated = || stated(&folder).expect("files can be read");
        assert_eq!(stated(), None);
        std::fs::write(root.path().join("corpus/VERSION"), "7\n").expect("a file");
        assert_eq!(stated(), Some(7));
        std::fs::write(folder.join("ops.txt"), "# downbeat grid, encoding 5\nsettle\n")
            .expect("a file");
        assert_eq!(stated(), Some(5));
        write(&folder, 3).expect("a mark");
        assert_eq!(stated(), Some(3));
        let copy = root.path().join("copy");
        std::fs::create_dir(&copy).expect("a folder");
        copy_mark(&folder, &copy).expect("a mark");
        assert_eq!(super::stated(&copy).expect("files can be read"), Some(3));
    }

    #[test]
    fn a_version_that_is_no_number_is_refused() {
        let root = tempfile::tempdir().expect("a temporary folder");
        for text in ["", "0", "-1", "two"] {
            std::fs::create_dir_all(root.path().join(".encoding")).expect("a folder");
            std::fs::write(root.path().join(MARK), text).expect("a file");
            assert!(stated(root.path()).is_err(), "{text}");
        }
    }
}
