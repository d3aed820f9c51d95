//! Why options are refused.
//!
//! One variant a limit. The message names the option, gives the limit and its reason, and so says
//! what to change.
//!
//! What this does not do: it is for options alone, which are checked once, before anything is
//! allocated. A broken requirement later on is a panic.

use std::error::Error;
use std::fmt;

/// Options that no collection can be built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// A cache without sets.
    SetsZero,
    /// More slots (ways times sets) than a cache may have.
    SlotsOverLimit {
        /// The slots asked for.
        slots: u64,
        /// The most that are allowed.
        slots_max: u64,
    },
    /// A cache map without room in its stash.
    StashCapacityZero,
    /// A stash with more room than it may have.
    StashCapacityOverLimit {
        /// The entries asked for.
        capacity: u32,
        /// The most that are allowed.
        capacity_max: u32,
    },
    /// An undo log with more room than it may have.
    ScopeCapacityOverLimit {
        /// The entries asked for.
        capacity: u32,
        /// The most that are allowed.
        capacity_max: u32,
    },
}

impl Error for InvalidOptions {}

impl fmt::Display for InvalidOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetsZero => formatter.write_str(
                "sets is 0, but every key belongs to a set: set it to 1 or more \
                 (a cache map without a cache has cache: None)",
            ),
            Self::SlotsOverLimit { slots, slots_max } => write!(
                formatter,
                "ways times sets is {slots}, but slots are counted in 31 bits: \
                 lower sets until there are at most {slots_max} slots",
            ),
            Self::StashCapacityZero => formatter.write_str(
                "stash_capacity is 0, but a write may put one entry into the stash: \
                 set it to the number of writes between two compactions, at least 1",
            ),
            Self::StashCapacityOverLimit { capacity, capacity_max } => write!(
                formatter,
                "stash_capacity is {capacity}, but its index is at most half full and counts in \
                 32 bits: lower it to at most {capacity_max}, and compact more often",
            ),
            Self::ScopeCapacityOverLimit { capacity, capacity_max } => write!(
                formatter,
                "scope_capacity is {capacity}, but a scope is one batch of writes, and fewer than \
                 the largest stash has room for: lower it to at most {capacity_max}",
            ),
        }
    }
}
