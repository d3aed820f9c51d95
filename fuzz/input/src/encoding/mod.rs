//! The input of every target, as bytes and as an equivalent text.
//!
//! ```text
//! bytes    0          24                                            any length
//!          +----------+------+-----------+------+-----------+------ - -
//!          |  header  | tag  | arguments | tag  | arguments | ...
//!          +----------+------+-----------+------+-----------+------ - -
//!                      >=0x80   < 0x80
//! ```
//!
//! * **Header**: [`HEADER_BYTES`] bytes, one setting each. Missing bytes are zero; bytes without a
//!   setting are ignored. Zero is the plainest choice of every setting.
//! * **Stream**: a byte with its top bit set starts an operation. Its low seven bits are a *slot*.
//!   Each slot below [`SLOTS_EXACT`] means the operation kind with the same number, and never
//!   changes once that kind exists. The other slots are divided among the kinds by weight; the
//!   header's `mix` selects the weights. The bytes below 0x80 after the tag are the operation's
//!   arguments. Missing arguments are zero. Surplus arguments, and bytes before the first tag, are
//!   ignored.
//!
//! Invariants, each with a test:
//!
//! * Decoding is total: every byte string of every length is an input.
//! * `decode(encode(input)) == input`. `encode(decode(bytes))` is the canonical form of `bytes`.
//!   Canonical bytes are their own canonical form. They name kinds by their exact slots, so they
//!   keep their meaning when weights change or kinds are added. Other inputs may change their
//!   meaning, so committed corpora and findings are canonical.
//! * A prefix of the bytes of an input decodes to a prefix of its operations. A byte that is
//!   inserted or removed after the header changes one operation, or two if the byte is a tag.
//! * An input that is printed as text parses back to the same input.
//!
//! A new operation kind gets the next number, a new setting the next byte, and a new choice the
//! next index. Existing numbers, bytes and indexes change their meaning only with a new
//! [`VERSION`].
//!
//! # A new version
//!
//! A version changes how an argument is written as bytes. It changes no words of the text, and
//! every value of the old bytes stays a value. How to make one:
//!
//! 1. Before the change, keep some inputs of the target and their texts as a test:
//!    `fuzz/model/tests/encoding/versions` has those of earlier changes.
//! 2. Increase [`VERSION`], and write `since VERSION;` before the settings of each target whose
//!    bytes change ([`Operation::SINCE`]).
//! 3. The argument's `decode` asks for [`Arguments::version`], and reads older bytes as before.
//!    `encode` writes only new bytes.
//! 4. `cargo downbeat corpus migrate` rewrites the committed corpora, `corpus/VERSION` and
//!    `fuzz/work`. For each input it checks that the text before and the text after are equal.
//!    Without an argument, it takes all targets; commit what it writes.
//! 5. `cargo downbeat dictionary TARGET --write` for each target.
//!
//! Bytes do not say their version. A folder of inputs says it
//! (`fuzz/campaign/src/encoding_of.rs`): of a target whose bytes have changed, inputs in an older
//! version are read as what they were, and inputs in an unknown version are refused.
//!
//! Why this encoding: five encodings were measured under a fuzzer's byte mutations. This one kept
//! the largest share of the operations around a mutation (0.97 to 0.99; a derived enum keeps 0.60
//! to 0.66). It also produced the fewest inputs that differ in bytes but decode to the same input.
//!
//! Symbolic keys are resolved by [`crate::keys`].

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
pub use landmark::{Edge, EdgeKind, Landmark, TableEnd};
pub use number::{Count, Left, Stride, Way};
pub use operation::Operation;
pub use place::Place;
pub use setting::{Choices, Setting};
pub use text::TextError;
pub use tree_key::TreeKey;

/// The version of the encoding. It is in `corpus/VERSION` and in the first line of a text, never in
/// the bytes.
pub const VERSION: u32 = 2;

/// The size of the header in bytes. The operations follow the header.
pub const HEADER_BYTES: usize = 24;

/// In every mix, a slot below this one means the operation kind with the same number.
pub const SLOTS_EXACT: usize = 32;

/// The number of slots that a tag byte can name.
pub const SLOTS: usize = 128;

/// The bit that is set in the byte that starts an operation, and clear in the bytes of its
/// arguments.
pub const TAG: u8 = 0x80;
