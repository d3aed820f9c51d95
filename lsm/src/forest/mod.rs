//! The trees of one store: their beats, their compactions and the manifest log that they share.
//!
//! ```text
//! beat n:  mark durable ... plan ... [ log ][ tree 1, level 1 ][ tree 2, level 1 ] ... apply
//!          sort the puts ... swap memtables ... checkpoint
//! ```
//!
//! - One beat runs at a time. Its work depends only on the trees, so the same commits write the
//!   same bytes.
//! - The trees share the manifest log, the block reservation of a beat, and its budget of bytes.
//! - This layer is independent of the trees' record types.
//!
//! Files: `scheduler` drives beats, `progress` and `error` are what it returns, `budget` divides
//! the work of a half-bar among its beats, `triggers` decides when checkpoints are taken,
//! `scheduled` is the interface of a tree.

mod budget;
mod error;
mod progress;
mod scheduled;
mod scheduler;
mod triggers;

pub use error::BeatError;
pub use progress::BeatProgress;
pub(crate) use scheduled::{Half, Scheduled, TreeIsFull};
pub(crate) use scheduler::{Context, Scheduler};
