//! Records in memory: those of this bar in the order in which they came, and those of the last.
//!
//! ```text
//! values     b d f | a c | c f g | e a b          a value is never moved but at the end of a beat
//!            run     run   run     tail           oldest first
//! order                            a b  e         positions of the tail's values, in sorted pieces
//!                                  piece piece    (here of at most two)
//! ```
//!
//! - A run is strictly ascending. Runs lie one behind the other, from the first value on, in order of age, and
//!   so do pieces. The tail is what was put since the last end of a beat and extends no run.
//! - Reading changes nothing and sorts nothing: the newest version of a key is that of the newest piece or run
//!   which has it, and a piece is searched as a run is. What is in a table after the same writes does not
//!   depend on the reads in between.
//! - [`MutableTable::end_beat`] sorts the tail, folds its records with one key, and makes it a run. Older runs
//!   stay as they are: two runs may have a key in common.
//! - A [`MutableTable`] is written to, a bar long; an [`ImmutableTable`] holds what it had then, until that is
//!   flushed. If it is not flushed by the end of the next bar, it absorbs that one, too.
//! - All memory is allocated by the constructors.
//!
//! What this does not do: it decides nothing about when to flush, and it does not know of any other table with
//! the same keys.
//!
//! Files: `mutable` and `immutable` are the two tables, `contents` what they swap, `runs` and `order` the two
//! kinds of sorted pieces, `fold` what the end of a beat makes of a tail; `view` is what readers see, `slices`
//! parts of runs and pieces as streams, `scan` and `cursor` ways through them for readers and for compaction.

mod contents;
mod cursor;
mod fold;
mod immutable;
mod mutable;
mod options;
mod order;
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
