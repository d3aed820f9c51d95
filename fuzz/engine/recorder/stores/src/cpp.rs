//! The store in C++.

#![allow(unsafe_code, reason = "the functions are written in C++")]

use std::ffi::{CString, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::{Forgets, Store};

#[repr(C)]
struct Raw {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn downbeat_store_open(folder: *const c_char, forgets: c_int) -> *mut Raw;
    fn downbeat_store_put(store: *mut Raw, number: u64) -> bool;
    fn downbeat_store_get(store: *mut Raw) -> u64;
    fn downbeat_store_fold(store: *mut Raw) -> bool;
    fn downbeat_store_close(store: *mut Raw);
}

/// The store in C++.
#[derive(Debug)]
pub struct Cpp(*mut Raw);

fn done(done: bool) -> io::Result<()> {
    if done { Ok(()) } else { Err(io::Error::last_os_error()) }
}

impl Store for Cpp {
    const OMISSIONS: &'static [Forgets] = &Forgets::ALL;

    fn open(folder: &Path, forgets: Forgets) -> io::Result<Self> {
        let folder = CString::new(folder.as_os_str().as_bytes())?;
        // SAFETY: the name ends in a zero.
        let store = unsafe { downbeat_store_open(folder.as_ptr(), forgets as c_int) };
        if store.is_null() { Err(io::Error::last_os_error()) } else { Ok(Cpp(store)) }
    }

    fn put(&mut self, number: u64) -> io::Result<()> {
        // SAFETY: the store is open.
        done(unsafe { downbeat_store_put(self.0, number) })
    }

    fn get(&mut self) -> u64 {
        // SAFETY: the store is open.
        unsafe { downbeat_store_get(self.0) }
    }

    fn fold(&mut self) -> io::Result<()> {
        // SAFETY: the store is open.
        done(unsafe { downbeat_store_fold(self.0) })
    }
}

impl Drop for Cpp {
    fn drop(&mut self) {
        // SAFETY: the store is open, and is not used again.
        unsafe { downbeat_store_close(self.0) };
    }
}
