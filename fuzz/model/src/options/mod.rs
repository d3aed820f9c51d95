//! The model of target `options`: its settings and operations, and the rules for valid options
//! ([`judge`], [`StoreNumbers`]).

pub mod judge;
mod number;
mod store;

pub use number::Number;
pub use store::{Field, StoreNumbers};

use downbeat_input::encoding::Count;
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

/// The sizes of a record of a general tree and of its key, in bytes.
pub const RECORD_NAMES: [&str; 2] = ["16+8", "128+32"];

operations! {
    // Version 2: a number near a limit takes one byte, not two.
    since 2;
    settings [
        /// Bytes of a record of a general tree and of its key; an index into [`RECORD_NAMES`].
        RECORD: "record" = Words(&RECORD_NAMES),
        /// The usage of the tree; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
    ];

    /// An operation: options to judge. Valid options are also used, unless they take much memory.
    pub enum Operation {
        /// Changes an option of a store. If the options are then invalid, undoes the change.
        0 "store" Write 30 => Store { option: Which, to: Number },
        /// Changes two options of a store at once, as `store` changes one.
        1 "store_two" Write 14 => StoreTwo { one: Which, to: Number, other: Which, too: Number },
        /// Uses the store: does `count` puts and removals, takes a checkpoint, and opens the store
        /// again.
        2 "use" Run 10 => Use { count: Count },
        /// Makes a store on a device that may be too small, or have sectors of another size.
        3 "device" Structure 4 => Device { less: Number, sector: Number },
        /// Formats the store, and opens it with another value of an option.
        4 "open_other" Structure 8 => OpenOther { option: Which, to: Number },
        /// Resets the options of the store to those at the beginning of a run.
        5 "reset" Structure 3 => Reset,
        /// Judges the layout of a device.
        6 "layout" Read 8 => Layout { sector: Number, block: Number, copies: Number, blocks: Number },
        /// Judges a free set.
        7 "free_set" Read 6 => FreeSet { blocks: Number, shard: Number, reservations: Number },
        /// Judges a set-associative cache.
        8 "cache" Read 4 => Cache { ways: Ways, sets: Number },
        /// Judges a cache map.
        9 "cache_map" Read 8 => CacheMap { ways: Ways, sets: Number, stash: Number, scope: Number },
        /// Judges a pool of nodes.
        10 "nodes" Read 5 => Nodes { size: Number, count: Number },
        /// Judges a segmented array.
        11 "array" Read 6 => Array { count: Number, size: Number },
        /// Judges a level of a manifest.
        12 "level" Read 4 => Level { tables: Number, size: Number },
        /// Judges a manifest log.
        13 "log" Read 10 => Log {
            trees: Number, id: Number, levels: Number, growth: Number, tables: Number, extra: Number
        },
        /// Judges the tables of a tree.
        14 "table" Read 10 => Table { block: Number, record: Number, key: Number, values: Number },
        /// Judges the memtables of a tree.
        15 "memory" Read 5 => Memory { values: Number, beats: Number },
        /// Judges a grid.
        16 "grid" Read 6 => Grid {
            ways: Ways, sets: Number, private: Number, reads: Number, writes: Number, reservations: Number
        },
        /// Judges a tree.
        17 "tree" Read 8 => Tree {
            id: Number, batch: Number, bar: Number, growth: Number, levels: Number, ahead: Number
        },
        /// Judges a log of requests, on a device with too few bytes unless `less` is 0.
        18 "requests" Read 6 => Requests { size: Number, count: Number, sector: Number, less: Number },
    }
}

table_number! {
    /// The number of an option of a store, in the order of [`Field::ALL`].
    pub Which: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
}

table_number! {
    /// The ways of a cache. 0 means no cache, where the options allow this.
    pub Ways: u32 = [2, 0, 4, 16]
}
