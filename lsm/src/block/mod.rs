//! Blocks: what the grid stores, and how bytes prove to be the right ones.
//!
//! ```text
//! offset  size  field
//!      0    16  checksum    of bytes 16 .. size
//!     16     8  address     its own, from 1
//!     24     8  snapshot    what the kind says; 0 where it has none
//!     32     4  size        header and used body, in bytes
//!     36     1  kind
//!     37     1  version     of this format: 1
//!     38     2  tree        0 where the block belongs to none
//!     40    24  metadata    what the kind says
//!     64        body        size - 64 bytes, at least one
//!   size        zero, to the end of the sector; what lies behind that is neither written nor read
//! ```
//!
//! - Numbers are little-endian.
//! - A block is named by its address and checksum together ([`BlockReference`]): the checksum tells a
//!   block from an older one at the same address, and from one that went to the wrong place.
//! - A block that [`open`] returns is the one that was sealed, byte by byte.
//!
//! What this does not do: it does not know what a body means. The schema of each kind stands where the
//! kind is decoded.
//!
//! Files: `header` seals and opens, `kind` names the kinds, `checksum` is the hash, `corruption` says what
//! is wrong with bytes.

mod checksum;
mod corruption;
mod header;
mod kind;

pub use checksum::checksum;
pub use corruption::{Corruption, Place, Reason};
pub use header::{BODY_OFFSET, Block, BlockReference, Contents, METADATA_SIZE, open, seal};
pub use kind::BlockKind;
