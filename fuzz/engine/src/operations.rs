//! The operations of a history and its settings: one encoding for all engines.
//!
//! An operation that an engine does not offer does nothing, so the same input runs on every engine.
//!
//! Arguments that are a row of digits (`bounds`, `steps`) read as follows.
//!
//! ```text
//! bounds=12     the lower bound is included, the upper bound is excluded
//!       0         unbounded
//!       1         included
//!       2         excluded
//! bounds=112    as given: if the start is above the end, the scan is inverted. With two digits,
//!               the smaller key is the start
//! steps=13      a put, a get, a put, and so on, as many as `count` says
//!       1         put; in a walk: to the next pair
//!       2         remove; in a walk: back
//!       3         get
//!       4         scan of everything
//!       5         scan of everything backwards
//!       6         return to the kept state
//! ```

use downbeat::input::encoding::{Count, Key, Stride, Way};
use downbeat::input::{operations, table_number};

use crate::engine::Settings;
use crate::keys::FORM_NAMES;

table_number! {
    /// The length of a value in bytes; 8 by default.
    pub Size: u32 = [8, 0, 1, 20, 100, 500, 1000, 2000, 4000, 4096, 5000, 10_000, 20_000, 70_000], seldom 1 in 3
}

table_number! {
    /// Which bounds a range has.
    pub Bounds: u32 = [12, 11, 21, 22, 1, 2, 10, 20, 112, 111, 121, 122], seldom 1 in 2
}

table_number! {
    /// The turns of a scan: 0 forward, 1 backward, 2 alternating, 3 uneven.
    pub TurnsOf: u32 = [0, 1, 2, 3]
}

table_number! {
    /// The maximum number of pairs of a scan; 0 means all.
    pub Take: u32 = [0, 1, 2, 3, 5, 10], seldom 1 in 4
}

table_number! {
    /// The steps of a batch, which repeat.
    pub Writes: u32 = [1, 12, 21, 112, 122, 2]
}

table_number! {
    /// The steps of a transaction, which repeat.
    pub Steps: u32 = [1, 13, 14, 15, 123, 124, 125, 21_345, 11_245, 2513, 16, 126, 1163]
}

table_number! {
    /// The steps of a cursor, which repeat.
    pub Walk: u32 = [1, 2, 12, 112, 122, 1122, 11_122]
}

table_number! {
    /// A number of something that exists, taken modulo how many there are.
    pub Index: u32 = [0, 1, 2, 3]
}

table_number! {
    /// A number of calls that change files.
    pub Calls: u32 = [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100]
}

table_number! {
    /// What a crash leaves of what was not synced: 0 nothing, 1 everything, 2 what was done up to
    /// some point, 3 little, 4 most, 5 half.
    pub Left: u32 = [0, 1, 2, 3, 4, 5]
}

table_number! {
    /// An error in place of a call: 0 `EIO`, 1 `ENOSPC`, 2 a short write, 3 a failed sync.
    pub FaultKind: u32 = [0, 1, 2, 3]
}

/// The most calls between a crash and the present.
pub(crate) const CALLS: u64 = 100;

operations! {
    settings [
        /// The form of keys.
        FORM: "form" = Words(&FORM_NAMES),
        /// Bytes of a block; 0 is the engine's default.
        BLOCK: "engine" "block" = Numbers(&[0, 512, 1024, 4096, 16_384, 65_536]),
        /// Bytes of a memtable; 0 is the engine's default.
        MEMTABLE: "engine" "memtable" = Numbers(&[0, 4096, 16_384, 65_536, 1 << 20]),
        /// Bytes of the cache; 0 is the engine's default.
        CACHE: "engine" "cache" = Numbers(&[0, 4096, 65_536, 1 << 20]),
        /// Whether values are compressed.
        COMPRESS: "engine" "compress" = Words(&["default", "no", "yes"]),
        /// Bytes from which a value is apart from its key; 0 is the engine's default.
        SEPARATE: "engine" "separate" = Numbers(&[0, 1, 100, 4096]),
        /// Whether crashes and errors happen, and the rules about what a crash may lose.
        CRASHES: "crashes" = Words(&["none", "posix", "ext4"]),
        /// The seed of what is lost.
        SCHEDULE: "schedule" = Byte,
    ];

    /// An operation on an engine.
    pub enum Operation {
        /// Sets the value of a key, in a batch of its own.
        0 "put" Write 12 => Put { key: Key, size: Size },
        /// Reads a key.
        1 "get" Read 6 => Get { key: Key },
        /// Removes a key, in a batch of its own.
        2 "remove" Remove 5 => Remove { key: Key },
        /// Sets the values of several keys, each in a batch of its own.
        3 "puts" Run 4 => Puts { key: Key, count: Count, stride: Stride, size: Size },
        /// Removes several keys, each in a batch of its own.
        4 "removes" Run 2 => Removes { key: Key, count: Count, stride: Stride },
        /// Writes several keys in one batch.
        5 "batch" Write 4 => Batch { key: Key, count: Count, stride: Stride, size: Size, steps: Writes },
        /// Reads a range.
        6 "scan" Read 6 => Scan { low: Key, high: Key, bounds: Bounds, turns: TurnsOf, take: Take },
        /// Reads the keys with a prefix.
        7 "prefix" Read 3 => Prefix { key: Key, turns: TurnsOf, take: Take },
        /// Moves a cursor.
        8 "walk" Read 4 => Walk { key: Key, count: Count, steps: Walk },
        /// Reads the first pair (`way=0`) or the last one.
        9 "end" Read 2 => End { way: Way },
        /// Counts the keys.
        10 "count" Read 1 => Count,
        /// Compares everything.
        11 "whole" Read 1 => Whole,
        /// Runs a transaction, and commits it (`way=0`) or rolls it back.
        12 "transact" Write 4 => Transact {
            key: Key, count: Count, stride: Stride, size: Size, steps: Steps, way: Way
        },
        /// Takes a snapshot.
        13 "snapshot" Scope 2 => Snapshot,
        /// Reads a key as a snapshot sees it.
        14 "get_at" Read 2 => GetAt { which: Index, key: Key },
        /// Reads a range as a snapshot sees it.
        15 "scan_at" Read 2 => ScanAt {
            which: Index, low: Key, high: Key, bounds: Bounds, turns: TurnsOf, take: Take
        },
        /// Drops a snapshot.
        16 "drop" Scope 1 => Drop { which: Index },
        /// Writes the memtable to a table.
        17 "flush" Structure 4 => Flush,
        /// Compacts everything.
        18 "compact" Structure 2 => Compact,
        /// Closes the engine and opens it again.
        19 "reopen" Structure 2 => Reopen,
        /// Makes everything durable.
        20 "sync" Structure 1 => Sync,
        /// Checks the engine's files.
        21 "check" Structure 1 => Check,
        /// Removes every key.
        22 "clear" Structure 1 => Clear,
        /// Removes the keys of a range.
        23 "remove_range" Remove 1 => RemoveRange { low: Key, high: Key, bounds: Bounds },
        /// Keeps the present state.
        24 "savepoint" Scope 1 => Savepoint,
        /// Returns to the kept state.
        25 "restore" Scope 1 => Restore,
        /// Selects a key space.
        26 "select" Structure 1 => Select { space: Index },
        /// Deletes a key space.
        27 "delete" Structure 1 => Delete { space: Index },
        /// Crashes after all but the last `back` calls that change files, and compares what is left
        /// with what the engine promises. Then goes on without the crash (`way=0`), or after it.
        28 "crash" Structure 5 => Crash { back: Calls, left: Left, way: Way },
        /// Replaces a call that changes files by an error, after `after` other calls.
        29 "fail" Structure 1 => Fail { after: Calls, fault: FaultKind },
    }
}

/// The settings that a header chooses for the engine.
pub(crate) fn settings(header: &downbeat::input::encoding::Header) -> Settings {
    use downbeat::input::encoding::Operation as _;
    let number = |place| {
        let number = header.number(Operation::SETTINGS, place);
        (number > 0).then_some(number)
    };
    Settings {
        block_size: number(BLOCK),
        memtable_size: number(MEMTABLE),
        cache_size: number(CACHE),
        compress: [None, Some(false), Some(true)][header.index(COMPRESS)],
        separate_from: number(SEPARATE),
    }
}
