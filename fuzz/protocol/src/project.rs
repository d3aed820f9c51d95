//! The folders of a checkout.

use std::io;
use std::path::{Path, PathBuf};

/// The line of a manifest by which a repository outside of Downbeat is known.
const OUTSIDE: &str = "[package.metadata.downbeat]";

/// A checkout of Downbeat, or a repository outside of it that fuzzes an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
    is_outside: bool,
}

impl Project {
    /// Finds the checkout or repository that contains the current folder.
    ///
    /// # Errors
    ///
    /// If the current folder is in neither, or cannot be read.
    pub fn find() -> io::Result<Self> {
        let here = std::env::current_dir()?;
        let mut projects = here.ancestors().map(Self::at);
        let found = projects.find(|project| project.is_outside || is_checkout(&project.root));
        found.ok_or_else(|| {
            let here = here.display();
            let text = format!("{here} is not inside a checkout of Downbeat; change to a checkout");
            io::Error::new(io::ErrorKind::NotFound, text)
        })
    }

    /// Returns the checkout or repository at `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap_or_default();
        let is_outside = manifest.lines().any(|line| line == OUTSIDE);
        Project { root: root.to_owned(), is_outside }
    }

    /// Returns whether this is a repository outside of Downbeat's checkout. Its only targets are
    /// the programs of its package `fuzz`, which has the adapters.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.is_outside
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
    /// Outside of Downbeat, the folder of the package.
    #[must_use]
    pub fn adapters(&self) -> PathBuf {
        self.root.join(if self.is_outside { "fuzz" } else { "fuzz/engine/adapters" })
    }

    /// Returns the folder for the tests of an adapter, relative to the root.
    #[must_use]
    pub fn tests_of_adapter(&self, adapter: &str) -> PathBuf {
        match self.is_outside {
            true => PathBuf::from("fuzz/tests"),
            false => Path::new("fuzz/engine/adapters").join(adapter).join("tests"),
        }
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

fn is_checkout(root: &Path) -> bool {
    root.join("corpus/VERSION").is_file()
}
