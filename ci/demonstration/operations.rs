//! The target `demonstration`: its operations, and the effect of a removal on the model.

use crate::mutation::{Mutation, is_on};
use downbeat_input::{encoding::Key, operations};
use rustc_hash::FxHashMap;

operations! {
    settings [
        /// Sets of the cache.
        SETS: "geometry" "sets" = Numbers(&[1, 2, 3, 8]),
    ];

    /// An operation on a set-associative cache.
    pub enum Operation {
        /// Writes a value under a key.
        0 "upsert" Write 8 => Upsert { key: Key },
        /// Looks up a key.
        1 "get" Read 8 => Get { key: Key },
        /// Removes a key.
        2 "remove" Remove 3 => Remove { key: Key },
    }
}

/// Removes a key from the model.
pub fn remove<V: Copy>(model: &mut FxHashMap<u64, V>, key: u64) -> Option<V> {
    if is_on(Mutation::DemonstrationKeeps) { model.get(&key).copied() } else { model.remove(&key) }
}
