//! A `FileStorage` that loses power, on a real file with a recorder and on a simulated file.
//! Flushed data survives every crash; a device that does not flush loses the data.

use std::io;
use std::path::Path;

use downbeat::disk::{Armed, Fate, FaultKind, Recorder, Unflushed};
use downbeat_lsm::storage::{
    Access, Buffer, Device, FileStorage, Operation, Owner, Span, Storage, SystemFile,
};

use crate::simulated_file::SimulatedFile;
use crate::ways::Ways;

const SECTOR: usize = 4096;
const SIZE: u64 = 8 * SECTOR as u64;
const OWNER: Owner = Owner { component: 0, slot: 0 };

/// A device whose `sync_data` reports success and does nothing.
struct Deaf<D>(D);

impl<D: Device> Device for Deaf<D> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn done(storage: &mut impl Storage, operation: Operation) -> Operation {
    storage.submit(operation, OWNER);
    let completion = storage.step().expect("an operation is in flight");
    completion.result.expect("the device works");
    completion.operation
}

fn write(storage: &mut impl Storage, sector: u64, count: usize, stamp: u8) {
    let span = Span { offset: sector * SECTOR as u64, length: count * SECTOR };
    let mut buffer = Buffer::new(span.length);
    buffer.bytes_mut().fill(stamp);
    done(storage, Operation::Write { span, buffer: buffer.share() });
}

fn content(storage: &mut impl Storage) -> Vec<u8> {
    let span = Span { offset: 0, length: SIZE as usize };
    let read = Operation::Read { span, buffer: Buffer::new(span.length) };
    let Operation::Read { buffer, .. } = done(storage, read) else { unreachable!("it was a read") };
    buffer.bytes().to_vec()
}

/// Writes and flushes sectors 0 to 2, then writes sector 1 again and sector 4 for the first time.
fn history(storage: &mut impl Storage) {
    write(storage, 0, 3, 1);
    done(storage, Operation::Flush);
    write(storage, 1, 1, 2);
    write(storage, 4, 1, 3);
}

/// Returns whether the content after [`history`] and a crash is as promised.
fn is_as_promised(content: &[u8]) -> bool {
    let sector = |number: usize| &content[number * SECTOR..][..SECTOR];
    let all =
        |number: usize, stamps: &[u8]| sector(number).iter().all(|byte| stamps.contains(byte));
    all(0, &[1])
        && all(1, &[1, 2])
        && all(2, &[1])
        && all(3, &[0])
        && all(4, &[0, 3])
        && all(5, &[0])
}

/// Crashes a storage on a real file, and returns the content of the file, opened again. `wrap`
/// makes the device of the storage from a recorder, and `recorder_of` returns the recorder.
fn crash_real_file<D: Device>(
    folder: &Path,
    wrap: impl Fn(Recorder<SystemFile>) -> D,
    recorder_of: impl Fn(D) -> Recorder<SystemFile>,
    decide: &mut dyn FnMut(Unflushed) -> Fate,
) -> Vec<u8> {
    let path = folder.join("store");
    let file = SystemFile::create(&path, SIZE).expect("the folder is writable");
    let mut storage = FileStorage::new(wrap(Recorder::new(file, SECTOR)), SECTOR);
    history(&mut storage);
    let mut recorder = recorder_of(storage.into_device());
    recorder.crash(decide).expect("the file works");
    drop(recorder);
    let file = SystemFile::open(&path).expect("the file is closed");
    let content = content(&mut FileStorage::new(file, SECTOR));
    std::fs::remove_file(&path).expect("the file exists");
    content
}

#[test]
fn flushed_data_in_a_real_file_survives_every_crash() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fates = [Fate::Survives, Fate::Vanishes, Fate::TornAfter(100), Fate::TornBefore(4000)];
    let mut ways = Ways::new(&fates);
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let left = crash_real_file(folder.path(), |own| own, |own| own, &mut |_| ways.fate());
        assert!(is_as_promised(&left));
        seen.insert(left);
        if !ways.advance() {
            break;
        }
    }
    // Two versions were not durable, and each way leaves different bytes.
    assert_eq!((ways.tried(), seen.len()), (16, 16));
}

#[test]
fn a_device_that_does_not_flush_a_real_file_is_detected() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let all_vanish = &mut |_| Fate::Vanishes;
    let left = crash_real_file(folder.path(), Deaf, |Deaf(recorder)| recorder, all_vanish);
    assert!(!is_as_promised(&left));
    assert!(left.iter().all(|byte| *byte == 0));
}

#[test]
fn flushed_data_in_a_simulated_file_survives_every_crash_unless_the_device_does_not_flush() {
    let crash = |flushes: bool, decide: &mut dyn FnMut(Unflushed) -> Fate| {
        let mut file = SimulatedFile::new();
        file.reset(SIZE, SECTOR);
        if flushes {
            let mut storage = FileStorage::new(file, SECTOR);
            history(&mut storage);
            file = storage.into_device();
        } else {
            let mut storage = FileStorage::new(Deaf(file), SECTOR);
            history(&mut storage);
            file = storage.into_device().0;
        }
        file.image_mut().crash(decide);
        content(&mut FileStorage::new(file, SECTOR))
    };
    for (flushes, lost) in [(true, false), (false, true)] {
        let fates = [Fate::Survives, Fate::Vanishes, Fate::TornAfter(1)];
        let mut ways = Ways::new(&fates);
        let mut broken = false;
        loop {
            broken |= !is_as_promised(&crash(flushes, &mut |_| ways.fate()));
            if !ways.advance() {
                break;
            }
        }
        assert_eq!(broken, lost);
    }
}

#[test]
fn a_recorder_and_an_image_leave_the_same_bytes() {
    let new_file = || {
        let mut file = SimulatedFile::new();
        file.reset(SIZE, SECTOR);
        file
    };
    let fates = [Fate::Vanishes, Fate::TornAfter(7), Fate::TornBefore(9), Fate::Survives];
    let mut image = Ways::new(&fates);
    let mut recorder = Ways::new(&fates);
    loop {
        let mut plain = FileStorage::new(new_file(), SECTOR);
        let mut recorded = FileStorage::new(Recorder::new(new_file(), SECTOR), SECTOR);
        history(&mut plain);
        history(&mut recorded);
        write(&mut plain, 0, 2, 9);
        write(&mut recorded, 0, 2, 9);
        plain.device_mut().image_mut().crash(&mut |_| image.fate());
        let crashed = recorded.device_mut().crash(&mut |_| recorder.fate());
        crashed.expect("the file works");
        assert_eq!(content(&mut plain), content(&mut recorded));
        let more = image.advance();
        assert_eq!(recorder.advance(), more);
        if !more {
            break;
        }
    }
}

#[test]
fn calls_on_a_simulated_file_fail_as_armed() {
    let mut file = SimulatedFile::new();
    file.reset(SIZE, SECTOR);
    let arm = |access, nth| Armed { kind: FaultKind::Fails, access: Some(access), nth };
    file.arm(arm(Access::Read, 1));
    file.arm(arm(Access::Write, 2));
    file.arm(arm(Access::Flush, 1));
    file.write_all_at(&[1; SECTOR], 0).expect("the second write fails");
    let mut bytes = vec![0; 2 * SECTOR];
    file.read_exact_at(&mut bytes, 0).expect_err("the first read fails");
    file.write_all_at(&[2; 2 * SECTOR], 0).expect_err("the second write fails");
    file.read_exact_at(&mut bytes, 0).expect("one read fails");
    // The failed write changed the first half.
    assert!(bytes[..SECTOR].iter().all(|byte| *byte == 2) && bytes[SECTOR..] == [0; SECTOR]);
    file.sync_data().expect_err("the first flush fails");
    file.sync_data().expect("one flush fails");
    file.image_mut().crash(&mut |version| {
        assert!(version.doomed, "the second flush makes nothing durable");
        Fate::Vanishes
    });
    file.read_exact_at(&mut bytes, 0).expect("one read fails");
    assert!(bytes.iter().all(|byte| *byte == 0));

    file.arm(Armed { kind: FaultKind::Lost, access: None, nth: 1 });
    file.write_all_at(&[3; SECTOR], 0).expect("a lost write reports success");
    file.read_exact_at(&mut bytes, 0).expect("reads work");
    assert!(bytes.iter().all(|byte| *byte == 0));
}

#[test]
fn a_recorder_passes_on_a_sync_and_returns_its_failure() {
    let mut file = SimulatedFile::new();
    file.reset(SIZE, SECTOR);
    file.arm(Armed { kind: FaultKind::Fails, access: Some(Access::Flush), nth: 2 });
    let mut recorder = Recorder::new(file, SECTOR);
    let write = |recorder: &mut Recorder<SimulatedFile>, sector: u64| {
        let written = recorder.write_all_at(&[1; SECTOR], sector * SECTOR as u64);
        written.expect("writes work");
    };
    write(&mut recorder, 0);
    recorder.sync_data().expect("the second sync fails");
    assert_eq!(recorder.unflushed().len(), 0);
    write(&mut recorder, 1);
    recorder.sync_data().expect_err("the second sync fails");
    recorder.sync_data().expect("one sync fails");
    assert!(recorder.unflushed().all(|version| version.sector == 1 && version.doomed));
    // The simulated file below agrees.
    let file = recorder.into_device();
    assert!(file.image().unflushed().all(|version| version.sector == 1 && version.doomed));
    assert_eq!(file.image().unflushed().len(), 1);
}
