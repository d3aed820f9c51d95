//! The guards of the states.

use std::sync::LazyLock;
use std::sync::atomic::AtomicU32;

use downbeat_protocol::Part;
use downbeat_protocol::states::{STATES_MAX, StateSet};

#[used]
#[expect(unsafe_code, reason = "the engine finds the guards by the section's name")]
// SAFETY: the section consists of words that only the engine changes, as these are.
#[unsafe(link_section = "__sancov_guards")]
static GUARDS: [AtomicU32; STATES_MAX] = [const { AtomicU32::new(0) }; STATES_MAX];

/// Whether states are coverage.
static COUNTS: LazyLock<bool> = LazyLock::new(|| Part::States.is_in());

/// Reports the states of a run to the engine, as edges that were passed once.
pub fn count(states: &StateSet) {
    #[expect(unsafe_code, reason = "the engine has only an interface for C")]
    // SAFETY: the engine defines this function for calls with any guard of the section.
    unsafe extern "C" {
        safe fn __sanitizer_cov_trace_pc_guard(guard: &AtomicU32);
    }
    if *COUNTS {
        states.places().for_each(|place| __sanitizer_cov_trace_pc_guard(&GUARDS[place]));
    }
}
