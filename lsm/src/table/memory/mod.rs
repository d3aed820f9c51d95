//! The memtables: the mutable table holds the puts of this bar, the immutable table those of the
//! last bar until they are flushed.
//!
//! ```text
//! values     b d f | a c | c f g | e a b          values move only at the end of a beat
//!            run     run   run     tail           oldest first
//! order                            a b  e         positions of the tail's values, in sorted pieces
//!                                  piece piece    (here of at most two)
//! ```
//!
//! - A run is strictly ascending. Runs follow each other from the first value on, the oldest first.
//!   The tail holds the other values: puts since the last beat ended, except those that extended a
//!   run. Pieces follow each other in the order, the oldest first.
//! - A read neither changes nor sorts anything, so the contents depend only on the writes. The
//!   newest version of a key is in the newest piece or run that has the key. Pieces are searched
//!   one by one, and an index has the newest version of each key in the runs.
//! - [`MutableTable::end_beat`] sorts the tail, folds its records with equal keys, and makes it a
//!   run. Older runs do not change, so two runs may have a key in common.
//! - A [`MutableTable`] takes puts for one bar. An [`ImmutableTable`] then holds them until they
//!   are flushed. If they are not flushed by the end of the next bar, it absorbs the puts of that
//!   bar, too.
//! - Only constructors allocate.
//!
//! The tables do not decide when to flush.
//!
//! Files: `mutable` and `immutable` are the two tables, `contents` is what they swap; `runs` and
//! `order` are the two kinds of sorted parts, `fold` makes a tail a run, and `point_index` finds a
//! key in the runs; `view` is for readers;
//! `slices` are parts of runs and pieces as streams; `scan` and `cursor` iterate, for readers and
//! for compaction.

mod contents;
mod cursor;
mod fold;
mod immutable;
mod mutable;
mod options;
mod order;
mod point_index;
mod runs;
mod scan;
mod slices;
mod statistics;
mod view;

pub use cursor::MemoryCursor;
pub use immutable::ImmutableTable;
pub use mutable::MutableTable;
pub use options::{InvalidMemoryTable, MemoryTableOptions};
pub use runs::{Run, RunOrigin};
pub use scan::MemoryScan;
pub use statistics::{ImmutableStatistics, MutableStatistics};
pub use view::MemoryView;
