//! Tests of [`FileStorage`]: on a device in memory, and on files of the operating system.

use downbeat_lsm::storage::{
    Access, Fault, FileStorage, OpenError, Operation, Storage, SystemFile,
};

use crate::device::{
    Bytes, OWNER, behaves_as_a_storage, complete, flush, read, span, submit_read, submit_write,
    write,
};

#[test]
fn a_file_storage_on_a_device_in_memory_behaves_as_a_storage() {
    let mut storage = FileStorage::new(Bytes::new(2048), 512);
    behaves_as_a_storage(&mut storage);
    assert_eq!(storage.device().syncs, 1);
}

#[test]
fn bytes_after_the_last_whole_sector_are_not_part_of_the_storage() {
    assert_eq!(FileStorage::new(Bytes::new(2047), 512).size(), 1536);
}

#[test]
#[should_panic(expected = "file_storage: a sector must have a byte")]
fn a_file_storage_with_sectors_of_zero_bytes_panics() {
    let _ = FileStorage::new(Bytes::new(2048), 0);
}

#[test]
fn a_failed_flush_fails_all_later_flushes_until_the_file_is_opened_again() {
    let mut storage = FileStorage::new(Bytes::new(2048), 512);
    storage.device_mut().syncs_fail = true;
    let failed = flush(&mut storage).expect_err("the device does not sync");
    assert_eq!((failed.access, failed.kind), (Access::Flush, std::io::ErrorKind::StorageFull));
    storage.device_mut().syncs_fail = false;
    assert_eq!(flush(&mut storage), Err(failed));
    // The second flush did not reach the device. The device would have reported success.
    assert_eq!(storage.device().syncs, 1);
    assert_eq!(write(&mut storage, span(0, 512), 1), Ok(()));
    assert_eq!(flush(&mut storage), Err(failed));
    storage.reset();
    assert_eq!(flush(&mut storage), Ok(()));
    assert_eq!(storage.device().syncs, 2);
}

#[test]
fn a_failed_read_or_write_is_a_fault_and_the_next_may_succeed() {
    let mut storage = FileStorage::new(Bytes::new(2048), 512);
    storage.device_mut().reads_fail = true;
    storage.device_mut().writes_fail = true;
    let error = std::io::ErrorKind::StorageFull.into();
    let failed = Fault::new(Access::Read, 512, &error);
    assert_eq!(read(&mut storage, span(512, 512)), Err(failed));
    let failed = Fault::new(Access::Write, 1024, &error);
    assert_eq!(write(&mut storage, span(1024, 512), 1), Err(failed));
    storage.device_mut().reads_fail = false;
    storage.device_mut().writes_fail = false;
    assert_eq!(write(&mut storage, span(1024, 512), 2), Ok(()));
    assert_eq!(read(&mut storage, span(1024, 512)), Ok(vec![2; 512]));
}

#[test]
fn a_reset_drops_queued_operations() {
    let mut storage = FileStorage::new(Bytes::new(2048), 512);
    submit_write(&mut storage, span(0, 512), 1);
    storage.reset();
    assert!(storage.step().is_none());
    assert!(storage.into_device().bytes.iter().all(|byte| *byte == 0));
}

#[test]
fn a_flush_reaches_the_device_when_it_completes_and_not_before() {
    let mut storage = FileStorage::new(Bytes::new(2048), 512);
    let first = submit_write(&mut storage, span(0, 512), 1);
    let second = storage.submit(Operation::Flush, OWNER);
    assert_eq!(complete(&mut storage, first), Ok(Vec::new()));
    assert_eq!(storage.device().syncs, 0);
    assert_eq!(complete(&mut storage, second), Ok(Vec::new()));
    assert_eq!(storage.device().syncs, 1);
}

#[test]
fn a_real_file_behaves_as_a_storage_and_keeps_its_bytes_when_it_is_reopened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let file = SystemFile::create(&path, 2048).expect("the folder is writable");
    behaves_as_a_storage(&mut FileStorage::new(file, 512));
    let file = SystemFile::open(&path).expect("the file is closed");
    let mut storage = FileStorage::new(file, 512);
    assert_eq!(storage.size(), 2048);
    assert_eq!(read(&mut storage, span(512, 512)), Ok(vec![1; 512]));
    assert_eq!(read(&mut storage, span(1536, 512)), Ok(vec![2; 512]));
}

#[test]
fn a_real_file_works_with_sectors_of_any_size() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for sector_size in [64, 256, 512, 4096, 1 << 16] {
        let path = folder.path().join(sector_size.to_string());
        let file =
            SystemFile::create(&path, 4 * sector_size as u64).expect("the folder is writable");
        let direct_at_first = file.is_direct();
        let mut storage = FileStorage::new(file, sector_size);
        let middle = span(sector_size as u64, 2 * sector_size);
        assert_eq!(write(&mut storage, middle, 1), Ok(()));
        assert_eq!(flush(&mut storage), Ok(()));
        assert_eq!(read(&mut storage, middle), Ok(vec![1; 2 * sector_size]));
        assert_eq!(read(&mut storage, span(0, sector_size)), Ok(vec![0; sector_size]));
        // Direct I/O is disabled if the device has larger sectors than the storage. The test
        // assumes that the sectors of the device have at most 4096 bytes.
        let direct = storage.device().is_direct();
        assert!(sector_size < 4096 || direct == direct_at_first);
        drop(storage);
        let bytes = std::fs::read(&path).expect("the file exists");
        assert_eq!(bytes.len(), 4 * sector_size);
        assert!(bytes[sector_size..3 * sector_size].iter().all(|byte| *byte == 1));
    }
}

#[test]
fn creating_an_existing_file_fails_and_leaves_it_unchanged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    std::fs::write(&path, b"precious").expect("the folder is writable");
    let error = SystemFile::create(&path, 2048).expect_err("the file exists already");
    let OpenError::Environment { error, .. } = &error else { panic!("not the reason: {error}") };
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).expect("the file exists"), b"precious");
}

#[test]
fn a_file_that_is_open_is_not_opened_again_until_it_is_closed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let first = SystemFile::create(&path, 2048).expect("the folder is writable");
    let error = SystemFile::open(&path).expect_err("the file is open already");
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    assert!(error.to_string().ends_with("close the store that uses it first"), "{error}");
    drop(first);
    let second = SystemFile::open(&path).expect("the file was closed");
    assert!(SystemFile::open(&path).is_err());
    drop(second);
}

#[test]
fn opening_a_missing_file_fails_and_does_not_create_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let error = SystemFile::open(&path).expect_err("the file does not exist");
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    let OpenError::Environment { error, .. } = &error else { panic!("not the reason: {error}") };
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(!path.exists());
}

#[test]
fn a_read_beyond_the_end_of_a_shrunk_file_is_a_fault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store");
    let file = SystemFile::create(&path, 8192).expect("the folder is writable");
    let mut storage = FileStorage::new(file, 4096);
    std::fs::File::options()
        .write(true)
        .open(&path)
        .expect("the file exists")
        .set_len(4096)
        .expect("the file can shrink");
    let fault = read(&mut storage, span(4096, 4096)).expect_err("the file ends before the span");
    assert_eq!(fault.kind, std::io::ErrorKind::UnexpectedEof);
}

#[test]
fn adjacent_writes_are_written_in_one_call_and_complete_one_by_one() {
    let mut storage = FileStorage::new(Bytes::new(1 << 16), 512);
    let spans = [(0, 512), (512, 1024), (4096, 512), (4608, 512), (5120, 512), (512, 512)];
    let mut tickets: Vec<_> = (1..)
        .zip(spans)
        .map(|(byte, (offset, length))| submit_write(&mut storage, span(offset, length), byte))
        .collect();
    tickets.push(storage.submit(Operation::Flush, OWNER));
    tickets.push(submit_write(&mut storage, span(1024, 512), 7));
    let read = submit_read(&mut storage, span(0, 8192));
    for (number, ticket) in tickets.iter().enumerate() {
        assert_eq!(storage.queued(), tickets.len() + 1 - number);
        assert_eq!(complete(&mut storage, *ticket), Ok(Vec::new()));
    }
    let bytes = complete(&mut storage, read).expect("reads work");
    let sectors: Vec<u8> = bytes.chunks(512).map(|sector| sector[0]).collect();
    assert_eq!(sectors[..3], [1, 6, 7]);
    assert_eq!(sectors[8..11], [3, 4, 5]);
    assert_eq!(storage.device().joined, [2, 3]);
}

#[test]
fn a_joined_write_that_fails_fails_alone() {
    let mut storage = FileStorage::new(Bytes::new(1 << 16), 512);
    storage.device_mut().bad = Some(1024);
    let writes: Vec<_> =
        (0..5).map(|number| submit_write(&mut storage, span(512 * number, 512), 7)).collect();
    let failed = Fault::new(Access::Write, 1024, &std::io::ErrorKind::StorageFull.into());
    for (number, ticket) in writes.into_iter().enumerate() {
        let expected = if number == 2 { Err(failed) } else { Ok(Vec::new()) };
        assert_eq!(complete(&mut storage, ticket), expected, "{number}");
    }
    assert_eq!(storage.device().joined, [5, 2]);
    // Operations that are taken back may have taken effect, and later ones are not mistaken for
    // them.
    storage.device_mut().bad = Some(512);
    for number in 0..4 {
        submit_write(&mut storage, span(512 * number, 512), 8);
    }
    assert!(storage.step().is_some_and(|completion| completion.result.is_ok()));
    while storage.abandon().is_some() {}
    storage.device_mut().bad = None;
    assert_eq!(write(&mut storage, span(512, 512), 9), Ok(()));
    assert_eq!(read(&mut storage, span(512, 512)), Ok(vec![9; 512]));
}

#[test]
fn many_adjacent_writes_to_a_file_of_the_system_are_all_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    let file = SystemFile::create(&path, 1 << 20).expect("a new file");
    let mut storage = FileStorage::new(file, 512);
    let writes: Vec<_> = (0..200)
        .map(|number| submit_write(&mut storage, span(1024 * number, 1024), number as u8))
        .collect();
    for ticket in writes {
        assert_eq!(complete(&mut storage, ticket), Ok(Vec::new()));
    }
    let bytes = read(&mut storage, span(0, 1024 * 200)).expect("reads work");
    assert!(bytes.chunks(1024).zip(0_u8..).all(|(block, byte)| block == [byte; 1024]));
}
