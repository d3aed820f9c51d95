//! Measures the memory that a call allocates.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use allocation_counter::{AllocationInfo, measure};

/// Calls `call`, and returns its result and what it allocated on this thread.
pub(super) fn measured<T>(call: impl FnOnce() -> T) -> (T, AllocationInfo) {
    let mut result = None;
    // A panic must not leave the measurement unfinished.
    let info = measure(|| result = Some(catch_unwind(AssertUnwindSafe(call))));
    match result.expect("the call was made") {
        Ok(result) => (result, info),
        Err(panic) => resume_unwind(panic),
    }
}
