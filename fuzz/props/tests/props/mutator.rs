//! The mutator of operations for bolero's libFuzzer engine.
//!
//! bolero gives an engine's bytes to a property, and leaves the mutations to the engine. Its
//! libFuzzer looks for a custom mutator by these names, as every libFuzzer does, so the properties
//! have the mutator of the libFuzzer programs. A value generator of bolero could draw histories
//! from the engine's bytes, but then the inputs would not be those of the other drivers.

#![expect(unsafe_code, reason = "libFuzzer has only an interface for C")]

use std::ffi::c_uint;
use std::sync::OnceLock;

use downbeat::AnyTarget;
use downbeat::drivers::libfuzzer;

/// The target of the property that runs. A process fuzzes one property.
static TARGET: OnceLock<&'static dyn AnyTarget> = OnceLock::new();

/// Mutates inputs of `target` from now on.
pub(crate) fn mutate_for(target: &'static dyn AnyTarget) {
    TARGET.get_or_init(|| target);
}

fn target() -> &'static dyn AnyTarget {
    *TARGET.get().expect("a property begins before libFuzzer mutates")
}

unsafe extern "C" {
    /// Changes the first `size` bytes at `data`, which has room for `room` bytes, and returns the
    /// size of the result, at most `room`.
    fn LLVMFuzzerMutate(data: *mut u8, size: usize, room: usize) -> usize;
}

/// libFuzzer's own mutator.
///
/// # Panics
///
/// If `size` or `room` is greater than the length of `data`.
fn byte_mutator(data: &mut [u8], size: usize, room: usize) -> usize {
    assert!(size.max(room) <= data.len(), "libfuzzer: the mutator has no room");
    // SAFETY: `data` has `size` bytes to read and `room` bytes to write.
    unsafe { LLVMFuzzerMutate(data.as_mut_ptr(), size, room) }
}

/// # Safety
///
/// `data` has the greater of `size` and `room` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn LLVMFuzzerCustomMutator(
    data: *mut u8,
    size: usize,
    room: usize,
    seed: c_uint,
) -> usize {
    // SAFETY: libFuzzer's buffer has this many bytes, and nothing else uses it during the call.
    let data = unsafe { std::slice::from_raw_parts_mut(data, size.max(room)) };
    libfuzzer::mutate(target(), data, size, room, seed, byte_mutator)
}

/// # Safety
///
/// The three buffers have as many bytes as the lengths say.
#[unsafe(no_mangle)]
unsafe extern "C" fn LLVMFuzzerCustomCrossOver(
    first: *const u8,
    first_size: usize,
    second: *const u8,
    second_size: usize,
    out: *mut u8,
    room: usize,
    seed: c_uint,
) -> usize {
    // SAFETY: libFuzzer's buffers have these lengths and do not overlap.
    let (first, second, out) = unsafe {
        (
            std::slice::from_raw_parts(first, first_size),
            std::slice::from_raw_parts(second, second_size),
            std::slice::from_raw_parts_mut(out, room),
        )
    };
    libfuzzer::cross(target(), first, second, out, seed, byte_mutator)
}
