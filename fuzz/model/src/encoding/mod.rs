//! The input of every target: bytes, and the text that says the same.
//!
//! ```text
//! bytes    0          24                                            any length
//!          +----------+------+-----------+------+-----------+------ - -
//!          |  header  | tag  | arguments | tag  | arguments | ...
//!          +----------+------+-----------+------+-----------+------ - -
//!                      >=0x80   < 0x80
//! ```
//!
//! * **Header**: [`HEADER_BYTES`] bytes, one setting each; missing bytes are zero, bytes that no
//!   setting claims are ignored. Zero is the plainest choice everywhere.
//! * **Stream**: a byte with its top bit set starts an operation. Its low seven bits are a *slot*:
//!   slot `k` below [`SLOTS_EXACT`] is the operation kind number `k`, for ever, once there is such a
//!   kind; the other slots are dealt to the kinds by weight, as the header's `mix` says. The bytes
//!   below 0x80 that follow are its arguments; missing ones are zero, surplus ones are ignored, as
//!   are those before the first tag.
//!
//! Invariants, each a test:
//!
//! * Total: every byte string of every length is an input.
//! * `decode(encode(input)) == input`; `encode(decode(bytes))` is the canonical form, and the
//!   canonical form of itself. It names kinds by their exact slot, so weights may change, and kinds
//!   be added, without a canonical input changing its meaning. Others do change: what is kept (a
//!   committed corpus, a finding) is canonical.
//! * A prefix of an input is a prefix of its history; a byte put in or taken out behind the header
//!   damages one operation (two where a tag itself goes or comes).
//! * Text prints and parses back to the same input.
//!
//! A new operation kind takes the next number, a new setting the next byte, a new choice the next
//! index; none is ever given a second meaning without a new [`VERSION`].
//!
//! Why this form: of five encodings measured under the byte mutations of a fuzzer, a tag byte with
//! its own bit kept the most of the operations around a mutation (0.97 to 0.99 of them where a
//! derived enum keeps 0.60 to 0.66) and wasted the fewest executions on inputs that decode alike.
//!
//! What this module does not do: resolve symbolic keys ([`crate::keys`]), or run anything.

pub mod argument;
pub mod bytes;
mod declaration;
pub mod header;
pub mod input;
pub mod key;
pub mod kind;
pub mod landmark;
pub mod mix;
pub mod number;
pub mod operation;
pub mod place;
pub mod setting;
pub mod text;
pub mod tree_key;

pub use argument::Argument;
pub use bytes::{ArgumentBytes, Arguments};
pub use header::Header;
pub use input::{Input, Operations, encode_operation};
pub use key::Key;
pub use kind::{Family, Kind};
pub use landmark::Landmark;
pub use number::{Count, Left, Stride, Way};
pub use operation::Operation;
pub use place::Place;
pub use setting::{Choices, Setting};
pub use text::TextError;
pub use tree_key::TreeKey;

/// The version of the encoding: in `corpus/VERSION` and the first line of a text, never in bytes.
pub const VERSION: u32 = 1;

/// Bytes of the header. Operations start behind them.
pub const HEADER_BYTES: usize = 24;

/// Slots below this one belong to the operation kind of the same number, in every mix.
pub const SLOTS_EXACT: usize = 32;

/// Slots that a tag byte can name.
pub const SLOTS: usize = 128;

/// Set in the byte that starts an operation, clear in the bytes of its arguments.
pub const TAG: u8 = 0x80;
