//! Tables: sorted runs of records.
//!
//! - In [`memory`]: as they are written.
//! - On disk: written once, and read by key; drawn here.
//!
//! ```text
//! index block                     value blocks
//! [ checksum key_min key_max ] -> [ record record record .. ]   full
//! [ address                  ] -> [ record record record .. ]   full
//!            ...               -> [ record record ]             the last one may be short
//! ```
//!
//! - The keys of a table ascend strictly, within a value block and from one to the next.
//! - Every value block but the last is full, so that the number of records says the number of blocks.
//! - A table is named by the reference of its index block, which names all others.
//! - Equal tables at equal addresses are equal bytes, whatever was in the buffers before.
//! - Blocks whose checksums are right and whose meaning is not are [`Corruption`](crate::block::Corruption).
//!   What is decoded is checked in constant time; `check` and [`TableVerification`] go through all of it.
//!
//! Only `fetch` reads blocks from the grid. All other functions are given blocks, and nothing here writes them.
//!
//! Files: `layout` says how many records and blocks a table has; `index_block` and `value_block` are the
//! schemas; `builder` makes tables, `fetch` reads a block, `lookup` finds a key, `verification` checks a whole table; `search` is the
//! binary search of what is no slice.

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
pub use verification::TableVerification;
