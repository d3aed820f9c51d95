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
    /// Nodes without memory.
    NodeSizeZero,
    /// Nodes whose size is not a multiple of their alignment.
    NodeSizeUnaligned {
        /// The bytes of a node asked for.
        node_size: usize,
        /// What they must be a multiple of.
        alignment: usize,
    },
    /// Nodes of more bytes than they may have.
    NodeSizeOverLimit {
        /// The bytes of a node asked for.
        node_size: usize,
        /// The most that are allowed.
        node_size_max: usize,
    },
    /// A pool without nodes.
    NodeCountZero,
    /// Nodes that hold fewer than two elements.
    NodeTooSmall {
        /// The bytes of a node.
        node_size: usize,
        /// The bytes of an element.
        element_size: usize,
    },
    /// A list that may hold nothing.
    CountMaxZero {
        /// The name of the option.
        option: &'static str,
    },
    /// A list that may hold more than can be counted.
    CountMaxOverLimit {
        /// The name of the option.
        option: &'static str,
        /// The number asked for.
        count: u32,
        /// The most that is allowed.
        count_max: u32,
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
            Self::NodeSizeZero => formatter.write_str(
                "node_size is 0, but a node holds two elements or more: \
                 set it to at least twice the size of the largest element",
            ),
            Self::NodeSizeUnaligned { node_size, alignment } => write!(
                formatter,
                "node_size is {node_size}, but nodes are made of aligned chunks: \
                 set it to a multiple of {alignment}",
            ),
            Self::NodeSizeOverLimit { node_size, node_size_max } => write!(
                formatter,
                "node_size is {node_size}, but an insert moves up to a whole node: \
                 lower it to at most {node_size_max}",
            ),
            Self::NodeCountZero => formatter.write_str(
                "node_count is 0, but every list that is not empty takes a node: \
                 set it to the sum of the lists' node_count_max",
            ),
            Self::NodeTooSmall { node_size, element_size } => write!(
                formatter,
                "node_size is {node_size}, but a full node is split in two, and an element takes \
                 {element_size}: set it to at least twice that",
            ),
            Self::CountMaxZero { option } => write!(
                formatter,
                "{option} is 0, so that nothing could be inserted: set it to 1 or more",
            ),
            Self::CountMaxOverLimit { option, count, count_max } => write!(
                formatter,
                "{option} is {count}, but memory for the list of nodes is taken at once: \
                 lower it to at most {count_max}",
            ),
        }
    }
}
