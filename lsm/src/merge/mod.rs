//! Merges of k sorted streams into one.
//!
//! - [`Streams`]: the streams. The number of a stream is its precedence.
//! - [`NewestFirst`], for readers: of the records with one key it returns the one of the smallest
//!   stream number and drops the others. Stream 0 is the newest. Tombstones are records like
//!   others.
//! - [`OldestFirst`], for writers: the records with one key are folded from the smallest stream
//!   number to the largest, by the [usage](crate::record::Usage) of the tree. Stream 0 is the
//!   oldest.
//! - [`LoserTree`]: the tournament that both merges use.
//!
//! ```text
//! keys    newest first              oldest first, general    oldest first, secondary index
//! 0: a b  a of 0, b of 0, c of 2    a of 1, b of 2, c of 2   (P: put, T: tombstone)
//! 1: a                                                       0: P   1: T   2: P   one P
//! 2: b c                                                     0: T   1: P          nothing
//! ```
//!
//! - A merge borrows nothing between two calls, so a job that waits for I/O can keep it. The
//!   streams are an argument of each call.
//! - If a stream is not ready, the merge stops and can be continued later. It loses no record and
//!   returns none twice.
//! - Only the constructors allocate.
//!
//! Files: `tournament` is the loser tree over streams that both merges use, `fold` the rule for two
//! records with one key.

mod fold;
pub mod loser_tree;
pub mod newest_first;
pub mod oldest_first;
mod streams;
mod tournament;

pub(crate) use fold::is_in_turn;
pub use fold::{Folded, fold};
pub use loser_tree::LoserTree;
pub use newest_first::NewestFirst;
pub use oldest_first::{MergeCounts, OldestFirst};
pub use streams::{NotReady, Popped, StreamHead, Streams};
