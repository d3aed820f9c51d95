//! Facts that only the program of a target knows: the names of its operations, events and states.

use nanoserde::{DeJson, SerJson};

use crate::states::StateGroup;

/// The names of a target's operations, events and states. The figures of its runs identify each of
/// them by its number.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Facts {
    /// The kinds of operations, by number.
    pub kinds: Vec<String>,
    /// The events, by number.
    pub events: Vec<String>,
    /// The groups of states.
    pub states: Vec<StateGroup>,
    /// Whether an integer overflow panics in this build, as measured by the program.
    pub overflow_checks: bool,
}
