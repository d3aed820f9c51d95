//! What only the program of a target knows of it: names of its operations, events and states.

use serde::{Deserialize, Serialize};

use crate::states::StateGroup;

/// The names that the figures of a target's runs stand for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its kinds of operations, by number.
    pub kinds: Vec<String>,
    /// Its events, by number.
    pub events: Vec<String>,
    /// Its groups of states.
    pub states: Vec<StateGroup>,
    /// Whether an integer overflow panics in this build: measured, not told.
    pub overflow_checks: bool,
}
