//! A store in a mapped file, which forgets to sync the memory.

#![allow(unsafe_code, reason = "the standard library maps no files")]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use crate::{Forgets, Store};

const LENGTH: usize = 4096;

/// A store in a mapped file.
#[derive(Debug)]
pub struct Mapped {
    memory: *mut u64,
    forgets: Forgets,
}

impl Store for Mapped {
    const OMISSIONS: &'static [Forgets] = &[Forgets::Nothing, Forgets::LogSync, Forgets::LogName];

    fn open(folder: &Path, forgets: Forgets) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let file = options.open(folder.join("map"))?;
        file.set_len(LENGTH as u64)?;
        file.sync_all()?;
        if forgets != Forgets::LogName {
            File::open(folder)?.sync_all()?;
        }
        // SAFETY: the file has this length, and only this store has it open.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                LENGTH,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Mapped { memory: memory.cast(), forgets })
    }

    fn put(&mut self, number: u64) -> io::Result<()> {
        // SAFETY: the memory is mapped and aligned.
        unsafe { self.memory.write_volatile(number) };
        if self.forgets == Forgets::LogSync {
            return Ok(());
        }
        // SAFETY: the memory is mapped.
        match unsafe { libc::msync(self.memory.cast(), LENGTH, libc::MS_SYNC) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn get(&mut self) -> u64 {
        // SAFETY: the memory is mapped and aligned.
        unsafe { self.memory.read_volatile() }
    }

    fn fold(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the memory is mapped, and is not used again.
        unsafe { libc::munmap(self.memory.cast(), LENGTH) };
    }
}
