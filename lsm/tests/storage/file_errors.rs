//! Files that the operating system refuses, and files without direct I/O.

use std::error::Error;
use std::io::ErrorKind;

use downbeat_lsm::storage::{FileStorage, OpenError, SystemFile};

use crate::device::{read, span};

#[test]
fn an_error_of_the_environment_is_the_source() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = SystemFile::open(&folder.path().join("missing")).expect_err("there is no file");
    let source = missing.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(ErrorKind::NotFound));
    let path = folder.path().join("store");
    let _open = SystemFile::create(&path, 4096).expect("the folder is writable");
    let locked = SystemFile::open(&path).expect_err("the file is open");
    assert!(locked.source().is_none(), "{locked}");
}

#[test]
fn a_file_that_is_too_large_for_the_system_is_not_created() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = SystemFile::create(&folder.path().join("store"), u64::MAX);
    let error = refused.expect_err("no file is so large");
    assert!(matches!(error, OpenError::Environment { .. }), "{error}");
}

#[test]
fn a_file_that_is_read_first_with_small_sectors_leaves_direct_io() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let bytes: Vec<u8> = (0..4096).map(|at| (at / 64) as u8).collect();
    std::fs::write(&path, &bytes).expect("the folder is writable");
    let mut storage = FileStorage::new(SystemFile::open(&path).expect("the file exists"), 64);
    assert_eq!(read(&mut storage, span(64 * 5, 64)), Ok(vec![5; 64]));
    assert_eq!(read(&mut storage, span(64 * 63, 64)), Ok(vec![63; 64]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_a_file_system_without_direct_io_is_opened_without_it() {
    // Files of procfs are never direct. Nothing is written to this one.
    let file = SystemFile::open(std::path::Path::new("/proc/self/comm"));
    assert!(!file.expect("the name of the process").is_direct());
}
