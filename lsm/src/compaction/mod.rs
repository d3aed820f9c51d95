//! Compaction: tables are merged into the next level, a beat's worth at a time.
//!
//! ```text
//! bar        | first half                     | second half                            |
//! into       | level 1, 3, 5, 7               | level 0 (from memory), 2, 4, 6         |
//! beat       | plan, work .. work, apply      | plan, work .. work, apply; swap        |
//! ```
//!
//! - What is planned, how much is done at a beat and what address a block gets depends on the values in the tables,
//!   never on the device or on how much memory there is: the same commits give the same bytes on disk.
//! - The work of a half is spread evenly over its beats, and done at its last.
//! - A compaction reads one table of the level above, or the table in memory, and those of its level that overlap
//!   it. What it writes takes their place at once, at the end of the half.
//! - A block of what was read is released when it is used up. It can be read until a later checkpoint is durable.
//!
//! What this does not do: it does not know of beats to come, or of other trees. That is the scheduler's.
//!
//! Files: `bars` is time, `pace` how much is done when; `job` is one compaction, `worker` does the work of a
//! tree's: `memory_reader` and `reader` give it rows, `merge_step` merges them, `writer` makes tables of them.

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
