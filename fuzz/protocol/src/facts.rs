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
    /// The events that are faults of a simulated disk, or crashes.
    pub faults: Vec<String>,
    /// The groups of states.
    pub states: Vec<StateGroup>,
    /// The events and states that the corpus need not reach.
    pub elsewhere: Elsewhere,
    /// Whether an integer overflow panics in this build, as measured by the program.
    pub overflow_checks: bool,
    /// The encoding of the target's inputs.
    pub encoding: Encoding,
}

/// The versions of the encoding of inputs in which the bytes of a target's inputs have their
/// present meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Encoding {
    /// The first of these versions.
    pub since: u32,
    /// The last of these versions, which is the present one.
    pub version: u32,
}

impl Encoding {
    /// The encoding of a target before any change.
    pub const FIRST: Self = Encoding { since: 1, version: 1 };
}

/// The events and the groups of states that a target has from another target: the first ones of
/// each list. The other target's corpus reaches them, and this target's corpus need not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct Elsewhere {
    /// The number of events.
    pub events: usize,
    /// The number of groups of states.
    pub groups: usize,
}

impl Elsewhere {
    /// All goals are the target's own.
    pub const NOTHING: Self = Self { events: 0, groups: 0 };
}
