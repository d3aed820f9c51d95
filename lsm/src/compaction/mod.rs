//! Compaction merges tables into the next level. Each beat does a part of the work.
//!
//! ```text
//! bar        | first half-bar                 | second half-bar                        |
//! into       | level 1, 3, 5, 7               | level 0 (from memory), 2, 4, 6         |
//! beat       | plan, work .. work, apply      | plan, work .. work, apply; swap        |
//! ```
//!
//! - The plan, the work of each beat and the addresses of blocks depend only on the records in the
//!   tables, not on the device or the size of memory. So equal commits give equal bytes on the
//!   device.
//! - The work of a half-bar is spread evenly over its beats. At the end of its last beat all work
//!   is done.
//! - A compaction reads one table of the level above, or the immutable table, and the tables of the
//!   written level that overlap it. Its output replaces these tables at the end of the half-bar.
//! - A block is released when all its records are consumed. It stays readable until a later
//!   checkpoint is durable.
//!
//! The scheduler decides when a compaction runs, and how the work of a beat is divided among trees.
//!
//! Files: `bars` divides time into bars and half-bars, and `pace` computes the work of a beat.
//! `job` is one compaction. `worker` does the work of all compactions of a tree: `memory_reader`
//! and `reader` read records, `merge_step` merges them, and `writer` writes them as tables.

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
