//! The functions of libc that this crate defines in place of libc's.
//!
//! Each one calls libc's function. If the call is about a file of a recording, the state is locked
//! around it, and what it changed is recorded if it succeeded.
//!
//! Names that end in 64 are the same functions on 64-bit machines.

#![allow(
    unsafe_code,
    reason = "these are functions of libc, called by C and by the standard library"
)]
#![allow(clippy::missing_safety_doc, reason = "each function has the contract of libc's")]

mod data;
mod maps;
mod names;
mod open;
mod paths;
mod real;
mod sizes;
mod sync;
mod system_call;

use std::ffi::c_int;

use crate::fault::Kind;
use crate::state::{Fate, Recorded};

/// Sets the error of the calling thread, and returns -1.
fn failed(error: c_int) -> c_int {
    // SAFETY: libc has a place for the error of each thread.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// Counts a call that is made whole or not at all. Returns the error that replaces it.
fn begun(recorded: &mut Recorded, kind: Kind) -> Result<(), c_int> {
    match recorded.begin(kind) {
        Fate::Goes | Fate::Half => Ok(()),
        Fate::Fails(error) => Err(error),
    }
}
