//! The reasons why options are refused.
//!
//! Each limit has one variant. Its message names the option, the limit and the reason for the
//! limit, so that the caller knows what to change.
//!
//! Options are checked once, before anything is allocated. A requirement that is violated later
//! causes a panic, not an error.

use std::error::Error;
use std::fmt;

/// The option that is outside of its limits, with the value and the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The cache has no sets.
    SetsZero,
    /// The cache has more slots (ways times sets) than are allowed.
    SlotsOverLimit {
        /// The requested number of slots.
        slots: u64,
        /// The largest number allowed.
        slots_max: u64,
    },
    /// The stash of a cache map has no capacity.
    StashCapacityZero,
    /// The capacity of a stash is over its limit.
    StashCapacityOverLimit {
        /// The requested number of entries.
        capacity: u32,
        /// The largest number allowed.
        capacity_max: u32,
    },
    /// The capacity of an undo log is over its limit.
    ScopeCapacityOverLimit {
        /// The requested number of entries.
        capacity: u32,
        /// The largest number allowed.
        capacity_max: u32,
    },
    /// The nodes of a pool have no bytes.
    NodeSizeZero,
    /// The size of a node is not a multiple of the alignment.
    NodeSizeUnaligned {
        /// The requested size of a node in bytes.
        node_size: usize,
        /// The alignment in bytes.
        alignment: usize,
    },
    /// The size of a node is over its limit.
    NodeSizeOverLimit {
        /// The requested size of a node in bytes.
        node_size: usize,
        /// The largest number allowed.
        node_size_max: usize,
    },
    /// The pool has no nodes.
    NodeCountZero,
    /// A node has room for fewer than two elements.
    NodeTooSmall {
        /// The size of a node in bytes.
        node_size: usize,
        /// The size of an element in bytes.
        element_size: usize,
    },
    /// The list has no capacity.
    CountMaxZero {
        /// The name of the option.
        option: &'static str,
    },
    /// The capacity of a list is over its limit.
    CountMaxOverLimit {
        /// The name of the option.
        option: &'static str,
        /// The requested number of elements.
        count: u32,
        /// The largest number allowed.
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
                "stash_capacity is {capacity}, but its index is at most half full and its \
                 positions have 32 bits: lower it to at most {capacity_max}, and compact more often",
            ),
            Self::ScopeCapacityOverLimit { capacity, capacity_max } => write!(
                formatter,
                "scope_capacity is {capacity}, but a scope makes no more writes than the \
                 largest stash has room for: lower it to at most {capacity_max}",
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
            Self::CountMaxZero { option } => {
                write!(formatter, "{option} is 0, so nothing can be inserted: set it to 1 or more",)
            }
            Self::CountMaxOverLimit { option, count, count_max } => write!(
                formatter,
                "{option} is {count}, but the list of nodes is allocated in advance: \
                 lower it to at most {count_max}",
            ),
        }
    }
}
