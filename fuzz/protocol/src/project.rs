//! Where things lie in a checkout.

use std::io;
use std::path::{Path, PathBuf};

/// A checkout of Downbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The checkout that the current folder is in.
    ///
    /// # Errors
    ///
    /// The current folder is in none, or cannot be read.
    pub fn find() -> io::Result<Self> {
        let here = std::env::current_dir()?;
        let root = here.ancestors().find(|folder| folder.join("corpus/VERSION").is_file());
        match root {
            Some(root) => Ok(Project { root: root.to_owned() }),
            None => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{} is not inside a checkout of Downbeat; go to one", here.display()),
            )),
        }
    }

    /// The checkout at `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Project { root: root.to_owned() }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The committed corpus of a target: read, never written, by runs.
    #[must_use]
    pub fn corpus(&self, target: &str) -> PathBuf {
        self.root.join("corpus").join(target)
    }

    /// The committed dictionary of a target.
    #[must_use]
    pub fn dictionary(&self, target: &str) -> PathBuf {
        self.root.join("dictionaries").join(format!("{target}.dict"))
    }

    /// Where runs put new inputs of a target.
    #[must_use]
    pub fn work(&self, target: &str) -> PathBuf {
        self.root.join("fuzz/work").join(target)
    }

    /// Where findings of a target are filed.
    #[must_use]
    pub fn artifacts(&self, target: &str) -> PathBuf {
        self.root.join("fuzz/artifacts").join(target)
    }

    /// Bugs once found here, a folder each, by target.
    #[must_use]
    pub fn bugs(&self) -> PathBuf {
        self.root.join("fuzz/bugs")
    }

    /// Bugs to plant, as patches, by target.
    #[must_use]
    pub fn planted(&self) -> PathBuf {
        self.root.join("fuzz/planted")
    }

    /// What builds leave behind.
    #[must_use]
    pub fn build(&self) -> PathBuf {
        self.root.join("target")
    }
}
