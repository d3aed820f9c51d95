//! The rules for the writes to a tree.
//!
//! A write does not check the rules. If a later beat or merge finds that the caller broke them, it
//! panics. If the tables on the device can be the reason, the beat returns an error: tables with
//! valid checksums may still contradict each other.

/// The way in which a tree is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// A key may be put again, and removed whether it exists or not. Of two records with the same
    /// key the newer one wins.
    General,
    /// Only an absent key may be put, and only an existing key may be removed. The key contains the
    /// whole record. So of two successive records with the same key exactly one is a tombstone, and
    /// the two cancel each other, whichever is newer.
    SecondaryIndex,
}
