//! Sorted streams made one: a merge of k, pure but for what it remembers.
//!
//! - [`Streams`]: what is merged. The number of a stream is its precedence.
//! - [`NewestFirst`]: of the records with one key, that of the smallest stream number; the others are dropped.
//!   For readers: stream 0 is the newest, and tombstones are given like any record.
//! - [`OldestFirst`]: the records with one key, folded from the smallest stream number to the largest as the
//!   [usage](crate::record::Usage) of the tree has it. For writers: stream 0 is the oldest.
//! - [`LoserTree`]: the tournament under both.
//!
//! ```text
//! keys    newest first           oldest first, general    oldest first, secondary index
//! 0: a b  a of 0, b of 0, c of 2    a of 1, b of 2, c of 2   (P: put, T: tombstone)
//! 1: a                                                       0: P   1: T   2: P   one P
//! 2: b c                                                     0: T   1: P          nothing
//! ```
//!
//! - A merge holds numbers and keys and borrows nothing between two calls, so that it can live in a job that
//!   waits for I/O: the streams are given to each call.
//! - A stream that is not ready holds the merge up where it is: nothing is lost, nothing given twice.
//! - No call allocates but the constructors.
//!
//! What this does not do: it reads nothing, and it does not know where a stream comes from.
//!
//! Files: `tournament` is what both merges share, the loser tree with streams under it; `fold` is what becomes
//! of two records with one key.

mod fold;
pub mod loser_tree;
pub mod newest_first;
pub mod oldest_first;
mod streams;
mod tournament;

pub use fold::{Folded, fold};
pub use loser_tree::LoserTree;
pub use newest_first::NewestFirst;
pub use oldest_first::{MergeCounts, OldestFirst};
pub use streams::{NotReady, Popped, StreamHead, Streams};
