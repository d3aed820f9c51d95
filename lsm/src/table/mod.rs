//! Tables: sorted runs of records.
//!
//! - In [`memory`]: the mutable and the immutable table of a tree.
//! - On disk: written once, and read by key; described here.
//!
//! ```text
//! index block                     value blocks
//! [ checksum key_min key_max ] -> [ record record record .. ]   full
//! [ address                  ] -> [ record record record .. ]   full
//!            ...               -> [ record record ]             the last one may be short
//! ```
//!
//! - The keys of a table ascend strictly, within a value block and from one to the next.
//! - Every value block except the last is full, so the number of records determines the number of
//!   blocks.
//! - A table is identified by the reference to its index block, which refers to all value blocks.
//! - Equal tables at equal addresses have equal bytes, whatever the buffers contained before.
//! - A block with a valid checksum and invalid contents is a
//!   [`Corruption`](crate::block::Corruption). Decoding makes only checks that take constant time;
//!   `check` and [`TableVerification`] check everything.
//!
//! Only `fetch` does I/O, and it only reads. All other functions take blocks that the caller has
//! read, or return blocks that the caller writes.
//!
//! Files: `layout` has the numbers of records and blocks; `index_block` and `value_block` decode
//! and encode the two kinds of blocks; `builder` makes tables, `fetch` reads a block, `lookup`
//! finds a key, `verification` checks a whole table; `search` finds a place in a sorted array.

mod builder;
mod fetch;
mod index_block;
mod layout;
mod lookup;
pub mod memory;
mod search;
mod value_block;
mod verification;

pub use builder::TableBuilder;
pub(crate) use fetch::{Fetch, Fetched};
pub use index_block::{IndexBlock, IndexEntry};
pub use layout::{InvalidTable, TableLayout, TableOptions};
pub use lookup::TableLookup;
pub use value_block::ValueBlock;
pub(crate) use value_block::indices_in;
pub use verification::TableVerification;
