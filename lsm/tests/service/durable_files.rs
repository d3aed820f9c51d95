//! Durable stores in files: what creation leaves, and files that opening refuses.

use std::fs;
use std::path::{Path, PathBuf};

use downbeat_lsm::durable_store::{
    Batch, DurableFileError, DurableOptions, DurableStore, ServiceError,
};
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::storage::{FileStorage, OpenError};
use downbeat_lsm::store::StoreFileError;

use crate::durable_store::Entry;

type InFiles = DurableStore<Entry, FileStorage, FileStorage>;

fn options() -> DurableOptions {
    let mut options = DurableOptions::tiny(512);
    options.store.layout.sector_size = 512;
    options.store.layout.block_size = 512;
    options
}

/// A folder, and the paths of a store and its log in it.
struct Files {
    _folder: tempfile::TempDir,
    store: PathBuf,
    log: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (store, log) = (folder.path().join("store"), folder.path().join("log"));
        Self { _folder: folder, store, log }
    }

    fn create(&self, number: u64) -> Result<InFiles, DurableFileError> {
        InFiles::create_files(&self.store, &self.log, &options(), number)
    }

    fn open(&self) -> Result<InFiles, DurableFileError> {
        InFiles::open_files(&self.store, &self.log, &options())
    }

    /// Opens files that must be refused, and checks that the message names `path`.
    fn refused(&self, path: &Path) -> DurableFileError {
        let error = self.open().map(drop).expect_err("a file is refused");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
        error
    }
}

#[test]
fn every_batch_is_found_without_a_checkpoint() {
    let files = Files::new();
    let mut store = files.create(7).expect("new files");
    for key in 0..50 {
        let mut batch = Batch::new();
        batch.put(&Entry { key, stamp: key });
        batch.put(&Entry { key: key + 100, stamp: key });
        store.write(&batch).expect("sound files");
    }
    // Dropping the store writes nothing.
    drop(store);
    let mut store = files.open().expect("a store");
    assert_eq!(store.range(..).count(), 100);
    assert_eq!(store.get(149), Ok(Some(Entry { key: 149, stamp: 49 })));
    assert_eq!(store.store().number(), 7);
}

#[test]
fn files_that_exist_are_not_made_a_store() {
    let files = Files::new();
    drop(files.create(7).expect("new files"));
    let [store, log] = [&files.store, &files.log].map(|file| fs::read(file).expect("it exists"));
    let error = files.create(8).map(drop).expect_err("both exist");
    assert!(matches!(error, DurableFileError::Store(StoreFileError::File(_))), "{error}");
    assert!(fs::read(&files.store).expect("it exists") == store);
    fs::remove_file(&files.store).expect("it exists");
    let error = files.create(8).map(drop).expect_err("the log exists");
    assert!(matches!(error, DurableFileError::LogFile(OpenError::Environment { .. })), "{error}");
    assert!(!files.store.exists() && fs::read(&files.log).expect("it exists") == log);
}

#[test]
fn a_store_that_is_not_created_leaves_no_file() {
    let files = Files::new();
    let mut invalid = options();
    invalid.batch_records_max = 0;
    let error = InFiles::create_files(&files.store, &files.log, &invalid, 7).map(drop);
    let error = error.expect_err("the options are invalid");
    assert!(matches!(error, DurableFileError::Store(StoreFileError::Store { .. })), "{error}");
    assert!(!files.store.exists() && !files.log.exists());
}

#[test]
fn files_that_are_open_elsewhere_are_refused() {
    let files = Files::new();
    let store = files.create(7).expect("new files");
    let error = files.refused(&files.store);
    assert!(matches!(
        error,
        DurableFileError::Store(StoreFileError::File(OpenError::Locked { .. }))
    ));
    drop(store);
    drop(files.open().expect("a store"));
}

#[test]
fn the_log_of_another_store_and_no_log_are_refused() {
    let (files, other) = (Files::new(), Files::new());
    drop((files.create(7).expect("new files"), other.create(8).expect("new files")));
    let log = fs::read(&files.log).expect("it exists");
    fs::copy(&other.log, &files.log).expect("both exist");
    let error = files.refused(&files.log);
    let is_other = |it: &DurableFileError| {
        let DurableFileError::Log { error, .. } = it else { return false };
        matches!(error, ServiceError::Log(RequestLogError::OtherLog { number: 8 }))
    };
    assert!(is_other(&error), "{error}");
    fs::write(&files.log, vec![0; log.len()]).expect("it exists");
    let error = files.refused(&files.log);
    assert!(matches!(error, DurableFileError::Log { .. }), "{error}");
    fs::write(&files.log, &log[..log.len() / 2]).expect("it exists");
    let error = files.refused(&files.log);
    assert!(
        matches!(error, DurableFileError::Log { error: ServiceError::InvalidLog(_), .. }),
        "{error}"
    );
    fs::remove_file(&files.log).expect("it exists");
    let error = files.refused(&files.log);
    assert!(matches!(error, DurableFileError::LogFile(_)), "{error}");
    fs::write(&files.log, &log).expect("the folder is writable");
    fs::write(&files.store, b"some text").expect("it exists");
    let error = files.refused(&files.store);
    assert!(matches!(error, DurableFileError::Store(StoreFileError::NotAStore { .. })), "{error}");
}
