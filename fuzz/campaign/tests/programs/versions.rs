//! Inputs in an earlier version of the encoding are recognised or refused. Migrated, they keep
//! their meaning.

use std::path::Path;

use downbeat::corpus;
use downbeat_campaign::corpus::migrate::{Migrated, migrate};
use downbeat_campaign::inputs;

use crate::programs::{program, target};

crate::cases![
    inputs_in_an_unknown_version_are_refused_until_a_migration_says_which,
    inputs_in_an_earlier_version_are_read_as_what_they_were,
    a_migrated_folder_has_inputs_of_the_same_meaning_and_says_its_version,
    a_text_is_read_whatever_its_version,
];

const TEXT: &str = "store option=0 to=128";

/// The input [`TEXT`] in version 1. In version 2 these bytes mean another number.
fn old() -> Vec<u8> {
    let mut bytes = vec![0; 24];
    bytes.extend([0x80, 0, 41]);
    bytes
}

fn new() -> Vec<u8> {
    let new = target("options").encode(TEXT).expect("well-formed");
    assert_ne!(new, old());
    assert!(!target("options").show(&old()).contains(TEXT));
    new
}

/// A folder with the old input, which says that it is in `version`.
fn folder(version: Option<u32>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("an-input"), old()).expect("a file");
    if let Some(version) = version {
        std::fs::create_dir(folder.path().join(".encoding")).expect("a folder");
        std::fs::write(folder.path().join(".encoding/version"), version.to_string())
            .expect("a file");
    }
    folder
}

fn said(error: &anyhow::Error, part: &str) {
    let error = format!("{error:#}");
    assert!(error.contains(part), "{error}");
}

fn inputs_in_an_unknown_version_are_refused_until_a_migration_says_which() {
    let program = program("options");
    for (folder, part) in [(folder(None), "--from 1"), (folder(Some(99)), "is in encoding 99")] {
        let path = folder.path();
        let file = path.join("an-input");
        said(&inputs::read(&program, &file).expect_err("refused"), part);
        said(&inputs::ensure_present(&program, path).expect_err("refused"), part);
        said(&migrate(&program, path, None).expect_err("refused"), part);
        assert_eq!(std::fs::read(&file).expect("a file"), old());
    }
    let folder = folder(None);
    said(&migrate(&program, folder.path(), Some(3)).expect_err("refused"), "not 3");
    assert_eq!(migrate(&program, folder.path(), Some(2)).expect("a mark"), None);
    let read = inputs::read(&program, &folder.path().join("an-input")).expect("the mark says 2");
    assert_eq!(read, old());
}

fn inputs_in_an_earlier_version_are_read_as_what_they_were() {
    let (program, folder) = (program("options"), folder(Some(1)));
    let read = inputs::read(&program, &folder.path().join("an-input")).expect("an input");
    assert_eq!(read, new());
    let refused = inputs::ensure_present(&program, folder.path()).expect_err("refused");
    said(&refused, "corpus migrate options");
}

fn a_migrated_folder_has_inputs_of_the_same_meaning_and_says_its_version() {
    let program = program("options");
    for (folder, from) in [(folder(Some(1)), None), (folder(None), Some(1))] {
        let path = folder.path();
        let migrated = migrate(&program, path, from).expect("a migration");
        let bytes = [old().len() as u64, new().len() as u64];
        assert_eq!(migrated, Some(Migrated { files: 1, changed: 1, bytes }));
        let file = path.join(corpus::name(&new()));
        assert_eq!(inputs::files(path).expect("a folder"), std::slice::from_ref(&file));
        let read = inputs::read(&program, &file).expect("an input");
        assert!(target("options").show(&read).ends_with(&format!("{TEXT}\n")));
        assert_eq!(migrate(&program, path, None).expect("nothing to do"), None);
        inputs::ensure_present(&program, path).expect("a driver may read it");
        let beside = path
            .parent()
            .unwrap_or(Path::new("/"))
            .join(format!(".{}-old", path.file_name().expect("a name").to_string_lossy()));
        assert!(!beside.exists(), "{}", beside.display());
    }
}

fn a_text_is_read_whatever_its_version() {
    let (program, folder) = (program("options"), folder(None));
    for version in [1, 2] {
        let file = folder.path().join(format!("text-{version}"));
        let text = format!("# downbeat options, encoding {version}\n{TEXT}\n");
        std::fs::write(&file, text).expect("a file");
        assert_eq!(inputs::read(&program, &file).expect("a text"), new());
    }
}
