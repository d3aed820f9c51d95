//! Adjacent writes to a file of the operating system that takes only some of them: the slice that
//! does not fit is blamed.
//!
//! A write across the end of the largest file that the file system can have is partly performed.
//! The rest is refused.

use std::io::{self, IoSlice};

use downbeat_lsm::storage::{Access, Device, FileStorage, Storage, SystemFile};

use crate::device::{complete, span, submit_write};

/// A new file that was made as large as the file system allows.
fn largest(folder: &std::path::Path) -> SystemFile {
    let mut file = SystemFile::create(&folder.join("file"), 4096).expect("a new file");
    let (mut least, mut most) = (4096, i64::MAX as u64);
    while least < most {
        let middle = least + (most - least).div_ceil(2);
        match file.grow(middle) {
            Ok(()) => least = middle,
            Err(_) => most = middle - 1,
        }
    }
    file
}

#[test]
fn a_slice_that_is_partly_written_is_the_one_that_fails() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut file = largest(folder.path());
    let end = file.size();
    let bytes: Vec<[u8; 512]> = (1..=5).map(|number| [number; 512]).collect();
    let slices: Vec<IoSlice<'_>> = bytes.iter().map(|bytes| IoSlice::new(bytes)).collect();
    for (fitting, more) in [(0, 100), (2, 0), (2, 100), (4, 511), (5, 0)] {
        let begin = end - fitting * 512 - more;
        let (written, result) = file.write_slices_at(&slices, begin);
        assert_eq!(written as u64, fitting, "{more} bytes more fit: {result:?}");
        assert_eq!(result.is_ok(), fitting == 5);
        let mut at = begin;
        for slice in &bytes[..written] {
            let mut read = [0; 512];
            file.read_exact_at(&mut read, at).expect("it was written");
            assert_eq!(read, *slice);
            at += 512;
        }
    }
}

/// A file that claims to be larger than it is.
#[derive(Debug)]
struct Claims(SystemFile);

impl Device for Claims {
    fn size(&self) -> u64 {
        self.0.size() + 4096
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn write_slices_at(&mut self, slices: &[IoSlice<'_>], offset: u64) -> (usize, io::Result<()>) {
        self.0.write_slices_at(slices, offset)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[test]
fn writes_in_one_call_of_the_system_fail_one_by_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = largest(folder.path());
    let end = file.size();
    let mut storage = FileStorage::new(Claims(file), 512);
    let begin = end / 512 * 512 - 1024;
    let writes: Vec<_> = (0..5)
        .map(|number| submit_write(&mut storage, span(begin + 512 * number, 512), number as u8))
        .collect();
    for (number, ticket) in (0..).zip(writes) {
        let result = complete(&mut storage, ticket);
        let place = begin + 512 * number;
        match result {
            Ok(_) => assert!(place + 512 <= end, "{number}"),
            Err(fault) => {
                assert!(place + 512 > end, "{number}: {fault}");
                assert_eq!((fault.access, fault.offset), (Access::Write, place));
            }
        }
    }
    assert_eq!(storage.queued(), 0);
}
