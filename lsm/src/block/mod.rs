//! The format of the blocks that the grid stores.
//!
//! ```text
//! offset  size  field
//!      0    16  checksum    of bytes 16 .. size
//!     16     8  address     of this block, from 1
//!     24     8  snapshot    defined by the kind; 0 if the kind does not use it
//!     32     4  size        header and used body, in bytes
//!     36     1  kind
//!     37     1  version     of this format: 1
//!     38     2  tree        0 if the block belongs to no tree
//!     40    24  metadata    defined by the kind
//!     64        body        size - 64 bytes, 1 or more
//!   size        zero, to the end of the sector; the bytes after that are neither written nor read
//! ```
//!
//! - Numbers are little-endian.
//! - A block is named by its address and its checksum ([`BlockReference`]). The checksum
//!   distinguishes it from an older block at the same address and from a block that was written to
//!   the wrong place.
//! - A block that [`open`] returns has exactly the bytes that were sealed.
//!
//! The format of a body is documented in the module that decodes that kind of block.
//!
//! Files: `header` seals and opens blocks, `padding` checks that bytes are zero, `kind` lists the
//! kinds, and `corruption` the reasons why bytes are invalid. The hash is in the package
//! `downbeat-checksum`.

mod corruption;
mod header;
mod kind;
mod padding;

pub use corruption::{Corruption, Place, Reason};
pub use downbeat_checksum::checksum;
pub use header::{BODY_OFFSET, Block, BlockReference, Contents, METADATA_SIZE, open, seal};
pub use kind::BlockKind;
pub(crate) use padding::is_zero;
