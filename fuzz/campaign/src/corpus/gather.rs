//! The inputs of folders, whoever wrote them, in canonical form, each once.
//!
//! Invariants: an input that is longer than the target's inputs are is cut, which is a prefix of its
//! history; a file that is no input is named, and the others are gathered all the same.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use crate::program::Program;
use anyhow::{Result, ensure};
use downbeat_protocol::corpus;

use crate::inputs;

/// The longest file that is an input: what drivers themselves take.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// An input, and a file that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The first file that was found to hold it.
    pub file: PathBuf,
    /// Its canonical form.
    pub bytes: Vec<u8>,
}

/// What is in folders.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// Files looked at.
    pub files: u64,
    /// The inputs, by the names that their content gives them.
    pub inputs: BTreeMap<String, Source>,
    /// Files whose input another one holds, too.
    pub duplicates: u64,
    /// Files whose input was too long, and is cut.
    pub cut: u64,
    /// Files that are no inputs, each with why.
    pub left_out: Vec<String>,
}

impl Gathered {
    /// Gathers the inputs of `target` in `paths`: folders, or files.
    ///
    /// # Errors
    ///
    /// A path is not there, or is a folder that cannot be read.
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

/// Writes the inputs of `sources` into `folder`, which is made if it is missing.
pub(super) fn write(folder: &Path, sources: &BTreeMap<String, Source>) -> Result<usize> {
    inputs::write_all(folder, sources.values().map(|source| source.bytes.clone()))
}

fn read(target: &Program, file: &Path) -> Result<Vec<u8>> {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    ensure!(
        length <= FILE_BYTES_MAX,
        "{}: too long: {length} bytes, of {FILE_BYTES_MAX} at most",
        file.display()
    );
    inputs::read(target, file)
}
