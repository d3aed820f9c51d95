//! Compaction: tables are merged into the next level, with some of the work in each beat.
//!
//! ```text
//! bar        | first half-bar                 | second half-bar                        |
//! into       | level 1, 3, 5, 7               | level 0 (from memory), 2, 4, 6         |
//! beat       | plan, work .. work, apply      | plan, work .. work, apply; swap        |
//! ```
//!
//! - The plan, the work of each beat and the addresses of blocks depend only on the records in the
//!   tables, and not on the device or the size of memory: equal commits give equal bytes on disk.
//! - The work of a half-bar is spread evenly over its beats. At the end of its last beat all of it
//!   is done.
//! - A compaction reads one table of the level above, or the immutable table, and the tables of its
//!   own level that overlap it. Its output replaces them at the end of the half-bar.
//! - A block is released when all its records are used up. It stays readable until a later
//!   checkpoint is durable.
//!
//! The scheduler decides when a compaction works, and how the work of a beat is shared among trees.
//!
//! Files: `bars` is time and `pace` the work of a beat. `job` is one compaction. `worker` does the
//! work of all compactions of a tree: `memory_reader` and `reader` read records, `merge_step`
//! merges them, `writer` makes tables of them.

mod bars;
mod job;
mod memory_reader;
mod merge_step;
mod pace;
mod reader;
mod statistics;
mod worker;
mod writer;

pub use bars::{BEATS_PER_BAR, Bars};
pub use statistics::{CompactionStatistics, LevelCompactions};

pub(crate) use job::{Compaction, Planned};
pub use pace::CompactionPace;
pub(crate) use pace::{BlocksOfBeat, bytes_of_beat};
pub(crate) use worker::{Worker, WorkerOptions};
