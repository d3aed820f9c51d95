//! The contract of the writer of a tree.
//!
//! A write does not check the contract. A merge panics if it finds it broken.

/// The way in which a tree is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// A key may be put again, and removed whether it exists or not. Of two records with one key
    /// the newer one wins.
    General,
    /// A key is put and removed in turn, and the whole record is in its key: an existing key is not
    /// put, and an absent key is not removed. So of two successive records with one key exactly one
    /// is a tombstone, and together they cancel each other, whichever is newer.
    SecondaryIndex,
}
