//! The target `segmented_array`: its settings and operations, and what it must do ([`Model`]).

mod model;

pub use downbeat_input::encoding::Place;
pub use model::{Element, Model};

use downbeat_input::encoding::{Count, Key, Left, Stride};
use downbeat_input::operations;

/// Words of an element of the plain array, and of the sorted one.
pub const ELEMENT_NAMES: [&str; 3] = ["1+2", "3+3", "10+5"];

operations! {
    // Small on purpose: nodes of two elements split at every other insertion.
    settings [
        /// The types of the arrays' elements; an index into [`ELEMENT_NAMES`].
        ELEMENTS: "geometry" "words" = Words(&ELEMENT_NAMES),
        /// How many elements a node has room for, in the array with the larger elements, before the
        /// size of the node is rounded up.
        NODE: "geometry" "node" = Numbers(&[4, 2, 3, 6, 8, 13, 16, 64]),
        /// Bytes of a node beyond what its elements need.
        SLACK: "geometry" "slack" = Numbers(&[0, 16, 48]),
        /// The most elements of each array.
        LIMIT: "geometry" "limit" = Numbers(&[64, 16, 2, 5, 33, 128, 256, 1024]),
        /// Nodes in the pool, in percent of what both arrays can need at once.
        POOL: "geometry" "pool" = Numbers(&[100, 75, 50]),
    ];

    /// One operation on a plain array and a sorted one that share a pool.
    pub enum Operation {
        /// Inserts `count` elements into the plain array at once.
        0 "insert" Write 20 => Insert { at: Place, count: Count },
        /// Removes `count` elements from the plain array.
        1 "remove" Remove 12 => Remove { at: Place, count: Count },
        /// Inserts an element into the sorted array.
        2 "add" Write 20 => Add { key: Key },
        /// Removes the first element of the sorted array that is not below a key; if there is none,
        /// the last element.
        3 "take" Remove 8 => Take { key: Key },
        /// Searches the sorted array for the place of a key.
        4 "search" Read 8 => Search { key: Key },
        /// Gets an element of the plain array.
        5 "get" Read 6 => Get { at: Place },
        /// Replaces an element of the plain array.
        6 "replace" Write 3 => Replace { at: Place },
        /// Inserts `count` elements at one place of the plain array, one by one.
        7 "insert_each" Run 6 => InsertEach { at: Place, count: Count },
        /// Adds `count` keys from `key` up, `stride` apart.
        8 "add_run" Run 6 => AddRun { key: Key, count: Count, stride: Stride },
        /// Adds `count` elements of the same key.
        9 "add_equal" Run 3 => AddEqual { key: Key, count: Count },
        /// Removes `count` elements from the place of a key on.
        10 "take_run" Run 4 => TakeRun { key: Key, count: Count },
        /// Iterates up over `count` elements of the plain array.
        11 "scan_up" Read 2 => ScanUp { at: Place, count: Count },
        /// Iterates down over `count` elements of the plain array.
        12 "scan_down" Read 2 => ScanDown { at: Place, count: Count },
        /// Iterates up and down over `count` elements of the sorted array from the place of a key.
        13 "scan_key" Read 3 => ScanKey { key: Key, count: Count },
        /// Fills the plain array at a place until only `left` more fit.
        14 "fill" Run 2 => Fill { at: Place, left: Left },
        /// Removes from every node of the plain array the elements above half of its capacity.
        15 "thin" Structure 3 => Thin,
        /// Empties the plain array.
        16 "clear" Structure 1 => Clear,
        /// Empties the sorted array.
        17 "clear_sorted" Structure 1 => ClearSorted,
        /// Replaces the first element of the sorted array that is not below a key by another of the
        /// same key.
        18 "renew" Write 2 => Renew { key: Key },
    }
}
