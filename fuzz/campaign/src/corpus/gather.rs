//! Reads the inputs in folders of any driver, in canonical form, each of them once.
//!
//! - An input that is longer than the target allows is cut to a prefix of its operations.
//! - A file that is not an input is reported. The other files are still gathered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use crate::program::Program;
use anyhow::{Result, ensure};
use downbeat_protocol::corpus;

use crate::{encoding_of, inputs};

/// The length in bytes of the longest file that is an input. Drivers have the same limit.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// An input and a file that contains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The first file with this input.
    pub file: PathBuf,
    /// The input in canonical form.
    pub bytes: Vec<u8>,
}

/// The inputs of folders.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The number of files that were read.
    pub files: u64,
    /// The inputs by name. The name is derived from the content.
    pub inputs: BTreeMap<String, Source>,
    /// The number of files with the input of an earlier file.
    pub duplicates: u64,
    /// The number of files with an input that was too long and was cut.
    pub cut: u64,
    /// One message for each file that is not an input.
    pub left_out: Vec<String>,
}

impl Gathered {
    /// Gathers the inputs of `target` in `paths`, which are files or folders.
    ///
    /// # Errors
    ///
    /// Returns an error if a path does not exist or a folder cannot be read.
    pub fn from(target: &Program, paths: &[PathBuf]) -> Result<Self> {
        let mut gathered = Gathered::default();
        for path in paths {
            for file in inputs::files(path)? {
                gathered.add(target, &file)?;
            }
        }
        Ok(gathered)
    }

    fn add(&mut self, target: &Program, file: &Path) -> Result<()> {
        self.files += 1;
        let mut bytes = match read(target, file) {
            Ok(bytes) => target.canonical(&bytes)?.bytes,
            Err(error) => {
                self.left_out.push(format!("{error:#}"));
                return Ok(());
            }
        };
        let room = target.budget().input_bytes;
        if bytes.len() > room {
            self.cut += 1;
            bytes = target.canonical(&bytes[..room])?.bytes;
        }
        match self.inputs.entry(corpus::name(&bytes)) {
            Entry::Occupied(_) => self.duplicates += 1,
            Entry::Vacant(place) => {
                place.insert(Source { file: file.to_owned(), bytes });
            }
        }
        Ok(())
    }
}

/// Writes the inputs of `sources` to `folder`, which is created if it does not exist.
pub(super) fn write(
    target: &Program,
    folder: &Path,
    sources: &BTreeMap<String, Source>,
) -> Result<usize> {
    let written = inputs::write_all(folder, sources.values().map(|source| source.bytes.clone()))?;
    encoding_of::mark(target, folder)?;
    Ok(written)
}

fn read(target: &Program, file: &Path) -> Result<Vec<u8>> {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    ensure!(
        length <= FILE_BYTES_MAX,
        "{}: too long: {length} bytes, the maximum is {FILE_BYTES_MAX}",
        file.display()
    );
    inputs::read(target, file)
}
