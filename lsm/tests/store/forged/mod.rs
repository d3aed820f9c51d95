//! Tests of forged stores: all checksums are valid, but fields contradict each other or the rest of
//! the store. Such a store is refused as corruption, or it works.
//!
//! Files: `image` is a file whose fields can be changed, and whose checksums can be made valid
//! again. `play` opens a file, reads it and writes to it. `known` has the forgeries that once led
//! to a panic or to a wrong answer, and `random` makes random ones.

mod image;
mod known;
mod play;
mod random;
