//! The functions that AFL++ calls in a library of a custom mutator.
//!
//! The variable `DOWNBEAT_TARGET` names the target. AFL++ calls these functions in one thread. The
//! library is not instrumented, because it runs in AFL++'s own process.

use std::ffi::{c_char, c_uchar, c_uint, c_void};
use std::sync::{Mutex, MutexGuard, PoisonError};

use downbeat::drivers::afl::Mutator;
use downbeat_targets::find_target;

/// The variable that names the target.
const VARIABLE: &str = "DOWNBEAT_TARGET";

static MUTATOR: Mutex<Option<Mutator>> = Mutex::new(None);

fn mutator() -> MutexGuard<'static, Option<Mutator>> {
    MUTATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Creates the mutator of this process. Returns a value that the other functions ignore, because
/// there is only one mutator.
///
/// # Panics
///
/// If the environment names no target. The panic ends AFL++.
#[expect(unsafe_code, reason = "AFL++ finds the function by its name")]
// SAFETY: AFL++'s own functions have other names.
#[unsafe(no_mangle)]
pub extern "C" fn afl_custom_init(_afl: *mut c_void, seed: c_uint) -> *mut c_void {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let Some(target) = find_target(&name) else { panic!("{VARIABLE} names no target: {name:?}") };
    *mutator() = Some(Mutator::new(target, u64::from(seed)));
    std::ptr::dangling_mut()
}

/// Removes the mutator.
#[expect(unsafe_code, reason = "AFL++ finds the function by its name")]
// SAFETY: AFL++'s own functions have other names.
#[unsafe(no_mangle)]
pub extern "C" fn afl_custom_deinit(_data: *mut c_void) {
    *mutator() = None;
}

/// Makes an input from the `size` bytes at `bytes`, which are in the queue, and from the
/// `other_size` bytes at `other`, if `other` is not null. Writes the address of the result to `out`
/// and returns its size. The result stays valid until the next call.
///
/// # Safety
///
/// The pointers must be valid for these sizes, and `out` must be valid for a write.
#[expect(unsafe_code, reason = "AFL++ finds the function by its name")]
// SAFETY: AFL++'s own functions have other names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn afl_custom_fuzz(
    _data: *mut c_void,
    bytes: *const c_uchar,
    size: usize,
    out: *mut *const c_uchar,
    other: *const c_uchar,
    other_size: usize,
    _size_max: usize,
) -> usize {
    let slice = |bytes: *const c_uchar, size: usize| {
        if bytes.is_null() {
            return &[][..];
        }
        // SAFETY: the caller says that the bytes are valid. AFL++ does not change them during the
        // call.
        unsafe { std::slice::from_raw_parts(bytes, size) }
    };
    let mut mutator = mutator();
    let made = mutator
        .as_mut()
        .map_or(&[][..], |mutator| mutator.make(slice(bytes, size), slice(other, other_size)));
    // SAFETY: the caller says that `out` is valid.
    unsafe { out.write(made.as_ptr()) };
    made.len()
}

/// Begins with an input of the queue. Returns that AFL++ shall not skip the input.
#[expect(unsafe_code, reason = "AFL++ finds the function by its name")]
// SAFETY: AFL++'s own functions have other names.
#[unsafe(no_mangle)]
pub extern "C" fn afl_custom_queue_get(_data: *mut c_void, _file: *const c_char) -> c_uchar {
    if let Some(mutator) = &mut *mutator() {
        mutator.begin();
    }
    1
}

/// Learns that the last input was new. Returns that its file was not changed.
#[expect(unsafe_code, reason = "AFL++ finds the function by its name")]
// SAFETY: AFL++'s own functions have other names.
#[unsafe(no_mangle)]
pub extern "C" fn afl_custom_queue_new_entry(
    _data: *mut c_void,
    _file: *const c_char,
    _from: *const c_char,
) -> c_uchar {
    if let Some(mutator) = &mut *mutator() {
        mutator.gain();
    }
    0
}
