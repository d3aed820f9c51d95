//! Calls of the standard library are recorded, and images follow the rules.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use downbeat_recorder::{Crash, Fault, Recording, Rules};

const RULES: [Rules; 2] = [Rules::Posix, Rules::Ext4Ordered];

/// The files of a folder with their contents, and its directories.
fn listed(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below").display().to_string();
            if path.is_dir() {
                all.push((name, None));
                folders.push(path);
            } else {
                all.push((name, Some(fs::read(path).expect("a file"))));
            }
        }
    }
    all.sort();
    all
}

/// The image of a crash.
fn after(
    recording: &Recording,
    calls: u64,
    rules: Rules,
    seed: u64,
) -> Vec<(String, Option<Vec<u8>>)> {
    let folder = tempfile::tempdir().expect("a folder");
    recording.image(calls, Crash { rules, seed }).write(folder.path()).expect("an image");
    listed(folder.path())
}

/// Runs a program in a folder while it is recorded.
fn recorded(program: impl FnOnce(&Path)) -> (tempfile::TempDir, Recording) {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::start(folder.path()).expect("a recording");
    program(folder.path());
    (folder, recording)
}

/// All that a crash after all calls may leave of a file, among many seeds.
fn fates(recording: &Recording, rules: Rules, name: &str) -> BTreeSet<Option<Vec<u8>>> {
    let fate = |seed| {
        let files = after(recording, u64::MAX, rules, seed);
        files.into_iter().find(|(other, _)| other == name).and_then(|(_, bytes)| bytes)
    };
    (0..300).map(fate).collect()
}

#[test]
fn a_write_to_a_file_that_was_opened_for_durable_writes_is_durable() {
    for rules in RULES {
        for flag in [0, libc::O_DSYNC, libc::O_SYNC] {
            let (_folder, recording) = recorded(|folder| {
                fs::write(folder.join("log"), b"").expect("a file");
                File::open(folder.join("log")).expect("a file").sync_all().expect("a sync");
                File::open(folder).expect("a folder").sync_all().expect("a sync");
                let log =
                    OpenOptions::new().write(true).custom_flags(flag).open(folder.join("log"));
                log.expect("a file").write_all(b"bytes").expect("a write");
            });
            let whole = BTreeSet::from([Some(b"bytes".to_vec())]);
            assert_eq!(fates(&recording, rules, "log") == whole, flag != 0, "{rules:?} {flag:x}");
        }
    }
}

#[test]
fn a_crash_that_loses_nothing_leaves_the_folder_as_it_is() {
    let (folder, recording) = recorded(|folder| {
        fs::create_dir_all(folder.join("one/two")).expect("directories");
        let mut file = File::create(folder.join("one/a")).expect("a file");
        file.write_all(&[1; 5000]).expect("a write");
        file.seek(SeekFrom::Start(100)).expect("a seek");
        file.write_all(b"there").expect("a write");
        file.write_at(b"far", 70_000).expect("a write");
        file.set_len(69_999).expect("a size");
        let twin = file.try_clone().expect("a clone");
        drop(file);
        twin.write_at(b"twin", 9000).expect("a write");
        let mut log = OpenOptions::new().append(true).create(true).open(folder.join("log"));
        let log = log.as_mut().expect("a file");
        log.write_all(b"one").expect("a write");
        log.write_all(b"two").expect("a write");
        fs::write(folder.join("gone"), b"gone").expect("a file");
        fs::rename(folder.join("gone"), folder.join("one/two/came")).expect("a rename");
        fs::hard_link(folder.join("log"), folder.join("linked")).expect("a link");
        fs::copy(folder.join("one/a"), folder.join("copied")).expect("a copy");
        fs::write(folder.join("removed"), b"x").expect("a file");
        fs::remove_file(folder.join("removed")).expect("a removal");
        fs::write(folder.join("log"), b"anew").expect("a file");
        fs::create_dir(folder.join("three")).expect("a directory");
        fs::remove_dir(folder.join("three")).expect("a removal");
        let map = OpenOptions::new().read(true).write(true).open(folder.join("one/a"));
        map.expect("a file").write_at(b"end", 69_990).expect("a write");
    });
    assert_eq!(recording.unrecorded().expect("a folder"), Vec::<String>::new());
    for rules in RULES {
        assert!(after(&recording, u64::MAX, rules, 1) == listed(folder.path()), "{rules:?}");
        assert!(after(&recording, 0, rules, 1).is_empty(), "{rules:?}");
    }
}

#[test]
fn everything_synced_survives_every_crash() {
    let (folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.write_all_at(&[7; 3000], 0).expect("a write");
        file.write_all_at(&[8; 100], 50).expect("a write");
        file.sync_all().expect("a sync");
        File::open(folder).expect("a folder").sync_all().expect("a sync");
    });
    for (rules, seed) in RULES.into_iter().flat_map(|rules| (0..100).map(move |seed| (rules, seed)))
    {
        assert!(after(&recording, u64::MAX, rules, seed) == listed(folder.path()), "{rules:?}");
    }
}

#[test]
fn a_file_that_is_synced_has_no_name_before_its_directory_is() {
    let (_folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.write_all_at(b"bytes", 0).expect("a write");
        file.sync_data().expect("a sync");
    });
    let whole = || Some(b"bytes".to_vec());
    assert_eq!(fates(&recording, Rules::Posix, "a"), [None, whole()].into());
    assert_eq!(fates(&recording, Rules::Ext4Ordered, "a"), [whole()].into());
}

#[test]
fn an_overwrite_is_torn_between_sectors_and_not_within() {
    let (_folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.write_all_at(&[1; 1024], 0).expect("a write");
        file.sync_all().expect("a sync");
        File::open(folder).expect("a folder").sync_all().expect("a sync");
        file.write_all_at(&[2; 1024], 0).expect("a write");
    });
    for rules in RULES {
        let torn = |first, second| Some([[first; 512], [second; 512]].concat());
        let all = [torn(1, 1), torn(1, 2), torn(2, 1), torn(2, 2)];
        assert_eq!(fates(&recording, rules, "a"), all.into(), "{rules:?}");
    }
}

#[test]
fn an_appended_sector_has_zeros_only_where_rules_allow() {
    let (_folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.sync_all().expect("a sync");
        File::open(folder).expect("a folder").sync_all().expect("a sync");
        file.write_all_at(b"ab", 0).expect("a write");
    });
    let (none, zeros, both) = (Some(vec![]), Some(vec![0, 0]), Some(b"ab".to_vec()));
    let posix = [none.clone(), zeros, both.clone()];
    assert_eq!(fates(&recording, Rules::Posix, "a"), posix.into());
    assert_eq!(fates(&recording, Rules::Ext4Ordered, "a"), [none, both].into());
}

#[test]
fn a_rename_without_a_sync_loses_the_bytes_only_where_rules_allow() {
    let (_folder, recording) = recorded(|folder| {
        for name in ["a", "b"] {
            let file = File::create(folder.join(name)).expect("a file");
            if name == "a" {
                file.write_all_at(b"old", 0).expect("a write");
                file.sync_all().expect("a sync");
                File::open(folder).expect("a folder").sync_all().expect("a sync");
            } else {
                file.write_all_at(b"new", 0).expect("a write");
            }
        }
        fs::rename(folder.join("b"), folder.join("a")).expect("a rename");
    });
    let text = |text: &[u8]| Some(text.to_vec());
    let (old, new) = (text(b"old"), text(b"new"));
    assert_eq!(fates(&recording, Rules::Ext4Ordered, "a"), [old.clone(), new.clone()].into());
    let posix = fates(&recording, Rules::Posix, "a");
    assert!([old, new, text(b"")].iter().all(|fate| posix.contains(fate)), "{posix:?}");
}

#[test]
fn names_survive_in_order_under_ext4() {
    let (_folder, recording) = recorded(|folder| {
        for name in ["a", "b", "c"] {
            File::create(folder.join(name)).expect("a file");
        }
    });
    let kept = |rules: Rules| -> BTreeSet<String> {
        let names = |seed| {
            let files = after(&recording, u64::MAX, rules, seed);
            files.into_iter().map(|(name, _)| name).collect()
        };
        (0..300).map(names).collect()
    };
    let prefixes = ["", "a", "ab", "abc"].map(str::to_owned);
    assert_eq!(kept(Rules::Ext4Ordered), prefixes.into());
    assert_eq!(kept(Rules::Posix).len(), 8);
}

#[test]
fn a_crash_after_an_earlier_call_knows_nothing_of_later_ones() {
    let (_folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.write_all_at(b"one", 0).expect("a write");
        file.write_all_at(b"two", 0).expect("a write");
    });
    assert_eq!(recording.calls(), 3);
    let bytes =
        |calls| after(&recording, calls, Rules::Posix, 1).pop().and_then(|(_, bytes)| bytes);
    assert_eq!(bytes(0), None);
    assert_eq!(bytes(1), Some(vec![]));
    assert_eq!(bytes(2), Some(b"one".to_vec()));
    assert_eq!(bytes(3), Some(b"two".to_vec()));
}

#[test]
fn faults_strike_the_call_that_they_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::start(folder.path()).expect("a recording");
    let path = folder.path().join("a");
    let mut file = File::create(&path).expect("a file");
    let error = |result: std::io::Result<()>| result.expect_err("a fault").raw_os_error();

    recording.arm(0, Fault::Io);
    assert_eq!(error(file.write_all(b"lost")), Some(libc::EIO));
    recording.arm(1, Fault::Full);
    file.write_all(b"a").expect("the fault strikes the next call");
    assert_eq!(error(file.write_all(b"lost")), Some(libc::ENOSPC));
    recording.arm(0, Fault::Short);
    assert_eq!(file.write(b"bcde").expect("a short write"), 2);
    recording.arm(0, Fault::Sync);
    file.write_all(b"f").expect("the fault strikes syncs only");
    assert_eq!(error(file.sync_all()), Some(libc::EIO));
    assert_eq!(recording.struck(), 4);
    let mut bytes = String::new();
    File::open(&path).expect("a file").read_to_string(&mut bytes).expect("bytes");
    assert_eq!(bytes, "abcf");
    assert!(recording.unrecorded().expect("a folder").is_empty());
}

#[test]
fn what_a_failed_sync_left_is_not_made_durable_by_the_next_one() {
    let (_folder, recording) = recorded(|folder| {
        let file = File::create(folder.join("a")).expect("a file");
        file.write_all_at(&[1; 1024], 0).expect("a write");
        file.sync_all().expect("a sync");
        File::open(folder).expect("a folder").sync_all().expect("a sync");
    });
    let file = OpenOptions::new().write(true).open(_folder.path().join("a")).expect("a file");
    file.write_all_at(&[2; 1024], 0).expect("a write");
    recording.arm(0, Fault::Sync);
    file.sync_all().expect_err("a fault");
    file.write_all_at(&[3; 512], 512).expect("a write");
    file.sync_all().expect("a sync");
    let both = [1, 2].map(|first| Some([[first; 512], [3; 512]].concat()));
    for rules in RULES {
        assert_eq!(fates(&recording, rules, "a"), both.clone().into(), "{rules:?}");
    }
}

#[test]
fn memory_of_a_mapped_file_is_seen_when_it_is_synced() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::start(folder.path()).expect("a recording");
    let mut options = OpenOptions::new();
    options.create_new(true).read(true).write(true);
    let file = options.open(folder.path().join("a")).expect("a file");
    file.set_len(4096).expect("a size");
    file.sync_all().expect("a sync");
    File::open(folder.path()).expect("a folder").sync_all().expect("a sync");
    let map = map::Map::new(&file, 4096);
    map.set(0, 7);
    map.sync();
    map.set(1000, 8);
    let byte = |fate: &Option<Vec<u8>>, place: usize| fate.as_ref().map(|bytes| bytes[place]);
    for rules in RULES {
        let fates = fates(&recording, rules, "a");
        assert!(fates.iter().all(|fate| byte(fate, 0) == Some(7)), "{rules:?}");
        let second: BTreeSet<_> = fates.iter().map(|fate| byte(fate, 1000)).collect();
        assert_eq!(second, [Some(0), Some(8)].into(), "{rules:?}");
    }
    assert_eq!(recording.unrecorded().expect("a folder"), Vec::<String>::new());
}

#[test]
fn a_call_that_is_not_recorded_is_detected() {
    let (folder, recording) = recorded(|folder| {
        fs::write(folder.join("a"), b"known").expect("a file");
        fs::write(folder.join("b"), b"known").expect("a file");
    });
    assert_eq!(recording.unrecorded().expect("a folder"), Vec::<String>::new());
    // Another process is not recorded, as a system call of this one is not.
    let path = folder.path().display();
    let script = format!("cd {path}; printf other > a; rm b; mkdir c");
    let status = std::process::Command::new("sh").arg("-c").arg(script).status();
    assert!(status.expect("a shell").success());
    let found = recording.unrecorded().expect("a folder");
    let by = "by a call that is not recorded";
    let mut expected = [
        format!("a has other bytes from 0, {by}"),
        format!("b went away {by}"),
        format!("c was made {by}"),
    ];
    let mut sorted = found.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
}

#[test]
fn the_function_syscall_is_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::start(folder.path()).expect("a recording");
    let from = File::create(folder.path().join("a")).expect("a file");
    from.write_all_at(b"bytes", 0).expect("a write");
    map::truncate_by_number(&from, 3);
    assert_eq!(recording.calls(), 3);
    assert_eq!(recording.unrecorded().expect("a folder"), Vec::<String>::new());
}

/// Calls that the standard library does not have.
mod map {
    #![allow(unsafe_code, reason = "the standard library does not have these calls")]

    use std::fs::File;
    use std::os::fd::AsRawFd;

    /// A mapped file.
    pub(super) struct Map(*mut u8, usize);

    impl Map {
        pub(super) fn new(file: &File, length: usize) -> Self {
            let (read, write) = (libc::PROT_READ, libc::PROT_WRITE);
            let (null, fd) = (std::ptr::null_mut(), file.as_raw_fd());
            // SAFETY: the file has this length.
            let start = unsafe { libc::mmap(null, length, read | write, libc::MAP_SHARED, fd, 0) };
            assert_ne!(start, libc::MAP_FAILED);
            Map(start.cast(), length)
        }

        pub(super) fn set(&self, place: usize, byte: u8) {
            assert!(place < self.1);
            // SAFETY: the place is mapped.
            unsafe { self.0.add(place).write_volatile(byte) };
        }

        pub(super) fn sync(&self) {
            // SAFETY: the memory is mapped.
            let done = unsafe { libc::msync(self.0.cast(), self.1, libc::MS_SYNC) };
            assert_eq!(done, 0);
        }
    }

    impl Drop for Map {
        fn drop(&mut self) {
            // SAFETY: the memory is mapped.
            unsafe { libc::munmap(self.0.cast(), self.1) };
        }
    }

    pub(super) fn truncate_by_number(file: &File, size: i64) {
        // SAFETY: the descriptor is open.
        let done = unsafe { libc::syscall(libc::SYS_ftruncate, file.as_raw_fd(), size) };
        assert_eq!(done, 0);
    }
}
