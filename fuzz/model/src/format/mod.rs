//! Reads the bytes of a store according to the documentation of the file format, `lsm/FORMAT.md`,
//! without the core. Each function decodes one structure strictly, or returns what is wrong with
//! it.
//!
//! | module | structure |
//! |---|---|
//! | [`bytes`], [`checksum`], [`sizes`] | numbers, checksums, and the places of structures |
//! | [`root`] | the superblock and its copies |
//! | [`block`] | a block, and references to blocks |
//! | [`entry`] | an entry of the manifest log |
//! | [`index`], [`values`] | the blocks of a table |
//! | [`wrong`] | what can be wrong |

pub mod block;
pub mod bytes;
pub mod checksum;
pub mod entry;
pub mod index;
pub mod root;
pub mod sizes;
pub mod values;
pub mod wrong;

pub use block::Reference;
pub use entry::{Entry, Event, Table};
pub use index::Element;
pub use root::Root;
pub use sizes::Sizes;
pub use wrong::{At, Fault, Wrong};
