//! The target `cache_map`: its settings and operations, what it must do for its callers
//! ([`Model`]), and what its design does in detail ([`Reference`]).

mod expected;
mod fact;
mod hash;
mod model;
pub mod reference;

pub use expected::Expected;
pub use hash::{HASH_NAMES, KeyHash};
pub use model::Model;
pub use reference::Reference;

use downbeat_input::encoding::{Count, Key, Left, Stride};
use downbeat_input::operations;

operations! {
    // Small on purpose: a few writes fill a stash, and two or four fill a set.
    settings [
        /// Ways of a set.
        WAYS: "geometry" "ways" = Numbers(&[2, 4, 16]),
        /// Sets of the cache part.
        SETS: "geometry" "sets" = Numbers(&[1, 2, 3, 4, 5, 7, 8]),
        /// The maximum number of entries of the stash.
        STASH: "geometry" "stash" = Numbers(&[8, 4, 5, 6, 12, 16, 24, 32, 64]),
        /// The most writes that a scope can undo.
        SCOPE: "geometry" "scope" = Numbers(&[4, 1, 2, 3, 6, 8, 12, 16, 32]),
        /// Which keys collide; an index into [`HASH_NAMES`].
        HASH: "hash" = Words(&HASH_NAMES),
        /// How a scope ends when a limit closes it: 0 persisted, 1 discarded.
        FORCED: "forced" = Words(&["persist", "discard"]),
    ];

    /// One operation on a cache map.
    pub enum Operation {
        /// Writes a value under a key.
        0 "upsert" Write 30 => Upsert { key: Key },
        /// Gets the value of a key.
        1 "get" Read 14 => Get { key: Key },
        /// Removes a key.
        2 "remove" Remove 10 => Remove { key: Key },
        /// Gets the value of a key, and whether the key was removed.
        3 "lookup" Read 10 => Lookup { key: Key },
        /// Empties the stash.
        4 "compact" Structure 4 => Compact,
        /// Opens a scope.
        5 "open" Scope 6 => Open,
        /// Closes the scope and keeps its writes.
        6 "persist" Scope 3 => Persist,
        /// Closes the scope and undoes its writes.
        7 "discard" Scope 4 => Discard,
        /// Writes `count` keys from `key` up, `stride` apart.
        8 "upsert_run" Run 4 => UpsertRun { key: Key, count: Count, stride: Stride },
        /// Gets `count` keys from `key` down, `stride` apart. Without arguments, these are the keys
        /// of the last run of writes.
        9 "get_run" Run 2 => GetRun { key: Key, count: Count, stride: Stride },
        /// Removes the live ones among `count` keys from `key` down, `stride` apart.
        10 "remove_run" Run 2 => RemoveRun { key: Key, count: Count, stride: Stride },
        /// Writes keys from `key` up until only `left` writes fit before a compaction.
        11 "fill" Run 3 => Fill { key: Key, left: Left },
        /// Resets the map to its initial state.
        12 "reset" Structure 1 => Reset,
        /// Gets the `count` keys that were written last, the newest first.
        13 "read_back" Read 4 => ReadBack { count: Count },
    }
}
