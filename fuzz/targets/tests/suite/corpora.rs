//! The committed corpora, for tests.

use std::path::Path;

use downbeat::AnyTarget;
use downbeat::project::Project;

/// The project to which these tests belong.
pub(crate) fn project() -> Project {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Project::at(here.ancestors().nth(2).expect("fuzz/targets is two folders down"))
}

/// The files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    files.sort();
    files
}

/// The inputs of a target's committed corpus.
pub(crate) fn committed(target: &dyn AnyTarget) -> Vec<Vec<u8>> {
    let files = files(&project().corpus(target.name()));
    files.iter().map(|file| std::fs::read(file).expect("a corpus file")).collect()
}
