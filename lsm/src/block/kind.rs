//! The kinds of blocks.
//!
//! - Numbers are on disk: they are never used for another kind.
//!
//! What this does not do: it says nothing about bodies.

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BlockKind {
    /// A piece of the free set.
    FreeSet = 1,
    /// A piece of the manifest log.
    Manifest = 2,
    /// The index of a table.
    Index = 3,
    /// Values of a table.
    Value = 4,
}

impl BlockKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::FreeSet, Self::Manifest, Self::Index, Self::Value];

    /// The kind of this number, if there is one.
    #[must_use]
    #[inline]
    pub fn find(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}
