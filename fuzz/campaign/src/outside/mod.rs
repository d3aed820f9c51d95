//! A repository outside the checkout, with an engine and the adapter that fuzzes it.
//!
//! The folder `repository` has its files. In their names and texts, `NAME` is the name of the
//! engine, `CRATE` the same with underscores, and `ENGINE` and `CLI` say where cargo finds
//! `fuzz/engine` and `fuzz/cli`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use downbeat_protocol::project::Project;

/// The files: paths and texts.
macro_rules! files {
    ($($path:literal)*) => {
        [$(($path, include_str!(concat!("repository/", $path)))),*]
    };
}

const FILES: [(&str, &str); 10] = files![
    "README.md"
    ".gitignore"
    ".cargo/config.toml"
    "Cargo.toml"
    "src/lib.rs"
    "fuzz/Cargo.toml"
    "fuzz/src/lib.rs"
    "fuzz/fuzz_targets/NAME.rs"
    "fuzz/downbeat/Cargo.toml"
    "fuzz/downbeat/src/main.rs"
];

/// Where the new repository gets Downbeat from.
#[derive(Clone, Copy, Debug)]
pub enum From<'a> {
    /// The checkout, by its path.
    Checkout,
    /// A git repository, by its address.
    Git(&'a str),
}

/// Writes a repository to `folder`, which is empty or does not exist, for an engine called `name`.
///
/// # Errors
///
/// Returns an error if the name is not one that a package may have, if the folder has files, or if
/// a file cannot be written.
pub fn write(project: &Project, folder: &Path, name: &str, from: From<'_>) -> Result<()> {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    };
    ensure!(
        is_name(name),
        "\"{name}\" is not the name of a package; write lower-case letters, digits, hyphens"
    );
    let is_empty = !folder.exists() || folder.read_dir()?.next().is_none();
    ensure!(is_empty, "{} has files; name a new folder", folder.display());
    let source = |package: &str| match from {
        From::Checkout => format!("path = {:?}", project.root().join(package)),
        From::Git(address) => format!("git = {address:?}"),
    };
    let filled = |text: &str| {
        let text = text.replace("NAME", name).replace("CRATE", &name.replace('-', "_"));
        text.replace("ENGINE", &source("fuzz/engine")).replace("CLI", &source("fuzz/cli"))
    };
    for (path, text) in FILES {
        write_file(&folder.join(filled(path)), &filled(text))?;
    }
    // The versions with which the checkout is tested.
    let lock = project.root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock)
        .with_context(|| format!("cannot read {}", lock.display()))?;
    write_file(&folder.join("fuzz/Cargo.lock"), &lock)
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    let reason = || format!("cannot write {}", path.display());
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).with_context(reason)?;
    std::fs::write(path, text).with_context(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters;

    fn checkout(root: &Path) -> Project {
        std::fs::write(root.join("Cargo.lock"), "version = 4\n").expect("a file");
        Project::at(root)
    }

    #[test]
    fn a_new_repository_has_one_adapter_and_no_words_to_fill() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("new");
        let project = checkout(root.path());
        write(&project, &folder, "my-map", From::Checkout).expect("it is written");
        let outside = Project::at(&folder);
        assert!(outside.is_outside());
        assert_eq!(adapters::names(&outside), ["my-map"]);
        for (path, _) in FILES {
            let text = std::fs::read_to_string(folder.join(path.replace("NAME", "my-map")));
            let text = text.expect("every file is written");
            for word in ["NAME", "CRATE", "ENGINE", "CLI"] {
                assert!(!text.contains(word), "{path} has {word}");
            }
        }
    }

    #[test]
    fn a_folder_with_files_and_a_malformed_name_are_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let project = checkout(root.path());
        let address = From::Git("https://example.org/downbeat");
        assert!(write(&project, root.path(), "toy", address).is_err(), "there is a file");
        assert!(write(&project, &root.path().join("a"), "To y", address).is_err());
        assert!(write(&project, &root.path().join("a"), "toy", address).is_ok());
        let text = std::fs::read_to_string(root.path().join("a/fuzz/Cargo.toml")).expect("a file");
        assert!(text.contains("downbeat-engine = { git = \"https://example.org/downbeat\" }"));
    }
}
