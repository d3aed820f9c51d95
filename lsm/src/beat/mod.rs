//! The scheduler of beats: runs the compactions of all trees of a store, and takes its checkpoints.
//!
//! ```text
//! beat n:  mark durable ... plan ... [ log ][ tree 1, level 1 ][ tree 2, level 1 ] ... apply
//!          sort the puts ... swap memtables ... checkpoint
//! ```
//!
//! - One beat runs at a time. Its work depends only on the trees, so the same commits write the
//!   same bytes.
//! - The trees share the manifest log. In each beat they share one reservation of blocks and one
//!   budget of bytes to read.
//! - This layer is independent of the trees' record types.
//!
//! Files: `scheduler` runs beats, and `progress` and `error` are its results. `trees` is the set of
//! trees, and `scheduled` is the interface that a tree implements. `budget` divides the work of a
//! half-bar among its beats, `triggers` decides when checkpoints are taken, and `room` how many
//! blocks a bar may need, and which writes fit. `planning` plans a half-bar by it, and `filling`
//! says how full the store is. `blocks_in_use` is a check before each checkpoint.

mod blocks_in_use;
mod budget;
mod error;
mod filling;
mod planning;
mod progress;
mod reserve;
mod room;
mod scheduled;
mod scheduler;
mod trees;
mod triggers;

pub(crate) use blocks_in_use::check_blocks_in_use;
pub use error::BeatError;
pub use filling::Fullness;
pub use progress::BeatProgress;
pub(crate) use reserve::ReserveSizes;
pub use room::{BarBlocks, MergeCost};
pub use scheduled::Scheduled;
pub(crate) use scheduled::{Half, TreeIsFull};
pub(crate) use scheduler::{BEAT_MAX, Context, Scheduler};
pub use trees::Trees;
