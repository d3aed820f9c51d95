//! What the writer of a tree promises.
//!
//! What this does not do: nobody checks the promise as it is given; a merge that sees it broken panics.

/// How a tree is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// A key may be put again, and removed whether it is there or not. Of two records with one key the newer
    /// one holds.
    General,
    /// A key is put and removed in turn, and the record is all in its key: a key that is there is not put, one
    /// that is not there is not removed. So of two neighbours in age exactly one is a tombstone, and together
    /// they are nothing, whichever is newer.
    SecondaryIndex,
}
