//! Stores in files: what creation leaves, and files that opening refuses and leaves as they are.

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use downbeat_lsm::block::checksum;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::{FileStorage, Layout, LayoutOptions, OpenError};
use downbeat_lsm::store::{Store, StoreError, StoreFileError, StoreOptions};

use crate::records::{Entry, IndexEntry};

type FileStore = Store<Entry, FileStorage>;

fn options() -> StoreOptions {
    let mut options = StoreOptions::tiny(512);
    options.layout.sector_size = 512;
    options.layout.block_size = 512;
    options
}

/// A folder, and the path of a closed store in it whose checkpoint holds the keys from 0 to 99.
fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let mut store = FileStore::create_file(&path, &options(), 7).expect("a new file");
    for key in 0..100 {
        store.put(&Entry { key, stamp: 1 }).expect("a sound device");
    }
    store.checkpoint().expect("a sound device");
    (folder, path)
}

/// Opens a file that must be refused, and checks that its bytes stay the same and that the message
/// names it. Returns the error.
fn refused(path: &Path, options: &StoreOptions) -> StoreFileError {
    let before = fs::read(path).expect("the file exists");
    let error = FileStore::open_file(path, options).map(drop).expect_err("the file is refused");
    assert!(fs::read(path).expect("the file exists") == before, "the file changed: {error}");
    let said = error.to_string();
    assert!(said.starts_with(&path.display().to_string()), "{said}");
    error
}

#[test]
fn a_store_that_was_created_opens_again() {
    let (_folder, path) = filled();
    let mut store = FileStore::open_file(&path, &options()).expect("a store");
    assert_eq!(store.grid().storage().device().path(), path);
    assert_eq!((store.number(), store.get(99)), (7, Ok(Some(Entry { key: 99, stamp: 1 }))));
    assert!(store.verify().expect("it is open").is_clean());
}

#[test]
fn an_error_of_a_call_is_told_with_the_path() {
    let (_folder, path) = filled();
    let mut store = FileStore::open_file(&path, &options()).expect("a store");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("the file exists");
    file.set_len(512).expect("the file is this test's own");
    let error = (0..100).find_map(|key| store.get(key).err()).expect("the blocks are gone");
    let StoreError::Grid(GridError::Fault(fault)) = error else { panic!("{error}") };
    assert_eq!(fault.kind, std::io::ErrorKind::UnexpectedEof);
    let told = store.file_error(error).to_string();
    assert_eq!(told, format!("{}: {error}", path.display()));
}

#[test]
fn a_new_store_is_empty_and_opens_without_a_checkpoint() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    drop(FileStore::create_file(&path, &options(), 7).expect("a new file"));
    let mut store = FileStore::open_file(&path, &options()).expect("a store");
    assert_eq!(store.range(..).count(), 0);
}

#[test]
fn a_file_that_exists_is_not_made_a_store() {
    let (_folder, path) = filled();
    let before = fs::read(&path).expect("the file exists");
    let error = FileStore::create_file(&path, &options(), 8).map(drop).expect_err("it exists");
    assert!(matches!(error, StoreFileError::File(OpenError::Environment { .. })), "{error}");
    let source = error.source().and_then(|it| it.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::AlreadyExists));
    assert!(fs::read(&path).expect("the file exists") == before);
}

#[test]
fn a_store_that_is_not_created_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let mut invalid = options();
    invalid.lookups_max = 0;
    let error = FileStore::create_file(&path, &invalid, 7).map(drop);
    let error = error.expect_err("the options are invalid");
    assert!(matches!(error, StoreFileError::Store { error: StoreError::Invalid(_), .. }));
    assert!(!path.exists(), "{error}");
    let error = FileStore::open_file(&path, &options()).map(drop).expect_err("there is no file");
    let source = error.source().and_then(|it| it.downcast_ref::<std::io::Error>());
    assert_eq!(source.and_then(std::io::Error::raw_os_error), Some(2), "{error}");
}

#[test]
fn a_store_that_is_open_elsewhere_is_refused() {
    let (_folder, path) = filled();
    let store = FileStore::open_file(&path, &options()).expect("a store");
    let error = refused(&path, &options());
    assert!(matches!(error, StoreFileError::File(OpenError::Locked { .. })), "{error}");
    drop(store);
    assert!(FileStore::open_file(&path, &options()).is_ok());
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("text");
    let size = options().device_size().expect("valid options") as usize;
    for bytes in [&b""[..], b"some text", &[0; 4096], &[7; 4096], &vec![0; size], &vec![7; size]] {
        fs::write(&path, bytes).expect("the folder is writable");
        let error = refused(&path, &options());
        assert!(matches!(error, StoreFileError::NotAStore { .. }), "{error}");
        assert!(error.source().is_none());
    }
}

#[test]
fn a_store_of_another_version_is_refused() {
    let (_folder, path) = filled();
    let layout = Layout::new(options().layout).expect("valid options");
    let mut bytes = fs::read(&path).expect("the file exists");
    for copy in 0..layout.superblock_copies() {
        let offset = layout.superblock_copy(copy).offset as usize;
        let header = &mut bytes[offset..offset + Layout::SUPERBLOCK_SIZE];
        header[32] += 1;
        let sum = checksum(&header[32..]);
        header[..16].copy_from_slice(&sum.to_le_bytes());
    }
    fs::write(&path, &bytes).expect("the file is writable");
    let error = refused(&path, &options());
    assert!(matches!(error, StoreFileError::OtherVersion { .. }), "{error}");
}

#[test]
fn a_store_of_other_options_or_records_is_refused_and_not_repaired() {
    let (_folder, path) = filled();
    // A copy of the superblock is damaged, and opening with the right options repairs it.
    let layout = Layout::new(options().layout).expect("valid options");
    let mut bytes = fs::read(&path).expect("the file exists");
    bytes[layout.superblock_copy(0).offset as usize + 40] ^= 1;
    fs::write(&path, &bytes).expect("the file is writable");
    let mut other = options();
    other.tree.growth_factor = 3;
    let error = refused(&path, &other);
    let StoreFileError::Store { error: StoreError::OtherOptions, .. } = error else {
        panic!("{error}");
    };
    let error = Store::<IndexEntry, FileStorage>::open_file(&path, &options()).map(drop);
    assert!(error.is_err());
    assert!(fs::read(&path).expect("the file exists") == bytes);
    drop(FileStore::open_file(&path, &options()).expect("a store"));
    assert!(fs::read(&path).expect("the file exists") != bytes);
}

#[test]
fn a_truncated_store_is_refused() {
    let (_folder, path) = filled();
    let bytes = fs::read(&path).expect("the file exists");
    let layout = Layout::new(options().layout).expect("valid options");
    for length in [layout.block(1).offset as usize, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).expect("the file is writable");
        let error = refused(&path, &options());
        let StoreFileError::Truncated { size, needed, .. } = error else { panic!("{error}") };
        assert!(size <= length as u64 && needed == bytes.len() as u64, "{size}, {needed}");
    }
}

#[test]
fn a_file_grows_when_its_store_is_opened_with_more_blocks() {
    let (_folder, path) = filled();
    let length = || fs::metadata(&path).expect("the file exists").len();
    let larger = StoreOptions {
        layout: LayoutOptions { block_count: 700, ..options().layout },
        ..options()
    };
    let mut store = FileStore::open_file(&path, &larger).expect("a store");
    assert_eq!(length(), larger.device_size().expect("valid options"));
    store.checkpoint().expect("a sound device");
    assert_eq!(store.stats().expect("an open store").blocks, 700);
    drop(store);
    let error = refused(&path, &options());
    let fewer = StoreError::FewerBlocks { block_count: 512, stored: 700 };
    let StoreFileError::Store { error, .. } = error else { panic!("{error}") };
    assert_eq!(error, fewer);
    let mut store = FileStore::open_file(&path, &larger).expect("a store");
    assert_eq!(store.range(..).count(), 100);
    assert!(store.verify().expect("an open store").errors.is_empty());
}

/// The file system of the tests must have holes in files.
#[test]
#[cfg(target_os = "linux")]
fn the_space_of_free_blocks_comes_back_to_the_file_system() {
    use std::os::unix::fs::MetadataExt as _;

    const KEYS: u64 = 30_000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let taken = |discard| {
        let mut options = StoreOptions::production_of::<Entry>(4096, 8192);
        assert!(options.discard, "production gives space back");
        options.cache.sets = 4;
        options.discard = discard;
        let path = folder.path().join(discard.to_string());
        let mut store = FileStore::create_file(&path, &options, 7).expect("a new file");
        for round in 0..4 {
            for key in 0..KEYS {
                store.put(&Entry { key, stamp: round }).expect("a sound device");
            }
            store.checkpoint().expect("a sound device");
        }
        let stats = store.stats().expect("an open store");
        let blocks = stats.blocks - stats.blocks_free - stats.blocks_released;
        let found: Vec<_> = store.range(..).map(|it| it.expect("a sound device").stamp).collect();
        assert!(found.len() as u64 == KEYS && found.iter().all(|stamp| *stamp == 3));
        assert!(store.verify().expect("an open store").is_clean());
        let data = fs::metadata(&path).expect("the file exists");
        assert_eq!(data.len(), options.device_size().expect("valid options"));
        let bytes = data.blocks() * 512;
        assert!(bytes <= stats.bytes_in_use, "{bytes}, {stats:?}");
        drop(store);
        let mut store = FileStore::open_file(&path, &options).expect("a store");
        assert_eq!(store.range(..).count() as u64, KEYS);
        assert!(store.verify().expect("an open store").is_clean());
        (bytes, blocks * 4096)
    };
    let ((kept, _), (bytes, live)) = (taken(false), taken(true));
    // The superblock, and the free set of the checkpoint with its successor, are not counted as
    // live.
    assert!(bytes <= live + live / 4 + 16 * 4096, "{bytes} of {live}");
    assert!(4 * bytes < 3 * kept, "{bytes} instead of {kept}");
}

#[test]
fn a_store_whose_free_set_or_log_is_damaged_is_refused_and_not_repaired() {
    let (_folder, path) = filled();
    let bytes = fs::read(&path).expect("the file exists");
    let layout = Layout::new(options().layout).expect("valid options");
    let store = FileStore::open_file(&path, &options()).expect("a store");
    let trailers = store.grid().trailer_blocks().to_vec();
    let log: Vec<u64> = store.manifest_log().block_addresses().collect();
    drop(store);
    assert!(!trailers.is_empty() && !log.is_empty());
    for address in trailers.into_iter().chain(log) {
        let mut damaged = bytes.clone();
        damaged[layout.block(address).offset as usize + 70] ^= 1;
        damaged[layout.superblock_copy(1).offset as usize + 40] ^= 1;
        fs::write(&path, &damaged).expect("the file is writable");
        let error = refused(&path, &options());
        assert!(matches!(error, StoreFileError::Store { .. }), "{error}");
        assert!(error.to_string().contains(&format!("block {address}")), "{error}");
    }
}
