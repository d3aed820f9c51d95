//! The store in Rust.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Forgets, Store};

/// The store in Rust.
#[derive(Debug)]
pub struct Rust {
    folder: PathBuf,
    log: File,
    last: u64,
    forgets: Forgets,
}

/// A number and its checksum.
fn framed(number: u64) -> [u8; 16] {
    let checksum = (number ^ 0x5eed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The number in the state; 0 if the file is not there or damaged.
fn read_state(path: &Path) -> io::Result<u64> {
    let bytes = if path.exists() { fs::read(path)? } else { Vec::new() };
    let number = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    Ok(if bytes == framed(number) { number } else { 0 })
}

/// The last of the numbers in the log that follow on `last`, and the length of what is whole.
fn read_log(path: &Path, mut last: u64) -> io::Result<(u64, u64)> {
    let mut length = 0;
    let bytes = if path.exists() { fs::read(path)? } else { Vec::new() };
    for frame in bytes.chunks_exact(16) {
        let number = u64::from_le_bytes(frame[..8].try_into().expect("eight bytes"));
        if framed(number) != frame {
            break;
        }
        if number == last + 1 {
            last = number;
        }
        length += 16;
    }
    Ok((last, length))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl Store for Rust {
    const OMISSIONS: &'static [Forgets] = &Forgets::ALL;

    fn open(folder: &Path, forgets: Forgets) -> io::Result<Self> {
        let path = folder.join("log");
        let is_new = !path.exists();
        let state = read_state(&folder.join("state"))?;
        let (last, length) = read_log(&path, state)?;
        let log = OpenOptions::new().create(true).append(true).open(path)?;
        // Bytes after a damaged number would be read as numbers later.
        log.set_len(length)?;
        if is_new && forgets != Forgets::LogName {
            sync_folder(folder)?;
        }
        Ok(Rust { folder: folder.to_owned(), log, last, forgets })
    }

    fn put(&mut self, number: u64) -> io::Result<()> {
        self.log.write_all(&framed(number))?;
        if self.forgets != Forgets::LogSync {
            self.log.sync_data()?;
        }
        self.last = number;
        Ok(())
    }

    fn get(&mut self) -> u64 {
        self.last
    }

    fn fold(&mut self) -> io::Result<()> {
        let (new, state) = (self.folder.join("new"), self.folder.join("state"));
        let mut file = File::create(&new)?;
        file.write_all(&framed(self.last))?;
        if !matches!(self.forgets, Forgets::StateSync | Forgets::SyncBeforeRename) {
            file.sync_all()?;
        }
        fs::rename(new, state)?;
        if self.forgets == Forgets::SyncBeforeRename {
            file.sync_all()?;
        }
        if self.forgets != Forgets::StateName {
            sync_folder(&self.folder)?;
        }
        self.log.set_len(0)?;
        self.log.sync_all()
    }
}
