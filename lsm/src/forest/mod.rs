//! Trees in one store: their beats, their compactions and their manifest log.
//!
//! ```text
//! beat n:   mark durable ... plan ... [ log ][ tree 1, level 1 ][ tree 2, level 1 ][ tree 1, level 3 ] ... apply
//!           sort what was put ... swap tables in memory ... checkpoint
//! ```
//!
//! - One beat at a time. What it does depends on the trees alone, so that the same commits give the same bytes.
//! - Trees share the manifest log, the reservation of a beat and its budget.
//!
//! What this does not do: it knows nothing of records.
//!
//! Files: `scheduler` drives beats, `budget` shares them out, `triggers` says when checkpoints are; `scheduled` is
//! a tree as they see it.

mod budget;
mod scheduled;
mod scheduler;
mod triggers;

pub(crate) use scheduled::{Half, Scheduled, TreeIsFull};
pub use scheduler::{BeatEnd, BeatError};
pub(crate) use scheduler::{Context, Scheduler};
