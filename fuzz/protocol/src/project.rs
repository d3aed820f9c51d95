//! The folders of a checkout.

use std::io;
use std::path::{Path, PathBuf};

/// A checkout of Downbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Finds the checkout that contains the current folder.
    ///
    /// # Errors
    ///
    /// If the current folder is in no checkout, or cannot be read.
    pub fn find() -> io::Result<Self> {
        let here = std::env::current_dir()?;
        let root = here.ancestors().find(|folder| folder.join("corpus/VERSION").is_file());
        let root = root.ok_or_else(|| {
            let here = here.display();
            let text = format!("{here} is not inside a checkout of Downbeat; change to a checkout");
            io::Error::new(io::ErrorKind::NotFound, text)
        })?;
        Ok(Project { root: root.to_owned() })
    }

    /// Returns the checkout at `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Project { root: root.to_owned() }
    }

    /// Returns the root folder of the checkout.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder of the committed corpus of a target. Runs read the folder and never write
    /// to it.
    #[must_use]
    pub fn corpus(&self, target: &str) -> PathBuf {
        self.root.join("corpus").join(target)
    }

    /// Returns the file of the committed dictionary of a target.
    #[must_use]
    pub fn dictionary(&self, target: &str) -> PathBuf {
        self.root.join("dictionaries").join(format!("{target}.dict"))
    }

    /// Returns the committed file of libFuzzer's options for a target, which OSS-Fuzz reads.
    #[must_use]
    pub fn options(&self, target: &str) -> PathBuf {
        self.root.join("ci/oss-fuzz/options").join(format!("{target}.options"))
    }

    /// Returns the folder for new inputs of a target.
    #[must_use]
    pub fn work(&self, target: &str) -> PathBuf {
        self.root.join("fuzz/work").join(target)
    }

    /// Returns the folder for the findings of a target.
    #[must_use]
    pub fn artifacts(&self, target: &str) -> PathBuf {
        self.root.join("fuzz/artifacts").join(target)
    }

    /// Returns the folder of the bugs that the suite has found. It has a folder for each target,
    /// with a folder for each bug.
    #[must_use]
    pub fn bugs(&self) -> PathBuf {
        self.root.join("fuzz/bugs")
    }

    /// Returns the folder of the bugs to plant. It has a folder for each target, with a patch for
    /// each bug.
    #[must_use]
    pub fn planted(&self) -> PathBuf {
        self.root.join("fuzz/planted")
    }

    /// Returns the folder of the adapters of engines: a workspace, with a folder for each adapter.
    #[must_use]
    pub fn adapters(&self) -> PathBuf {
        self.root.join("fuzz/engine/adapters")
    }

    /// Returns the folder of the known bugs of engines, with a file for each bug.
    #[must_use]
    pub fn known_bugs(&self) -> PathBuf {
        self.root.join("fuzz/engine/known")
    }

    /// Returns the build folder of cargo, which other programs and logs are also written to.
    #[must_use]
    pub fn build(&self) -> PathBuf {
        self.root.join("target")
    }
}
