//! The target `demonstration`: what an input can say.

use crate::encoding::Key;
use crate::operations;

operations! {
    settings [
        /// Sets of the cache.
        SETS: "geometry" "sets" = Numbers(&[1, 2, 3, 8]),
    ];

    /// One operation on a set-associative cache.
    pub enum Operation {
        /// Writes a value under a key.
        0 "upsert" Write 8 => Upsert { key: Key },
        /// Asks for a key.
        1 "get" Read 8 => Get { key: Key },
        /// Removes a key.
        2 "remove" Remove 3 => Remove { key: Key },
    }
}
