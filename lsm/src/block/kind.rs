//! The kinds of blocks. Their numbers are on the device, so a number is never reused for another
//! kind.

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BlockKind {
    /// A part of the free set.
    FreeSet = 1,
    /// A part of the manifest log.
    Manifest = 2,
    /// The index of a table.
    Index = 3,
    /// Values of a table.
    Value = 4,
}

impl BlockKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::FreeSet, Self::Manifest, Self::Index, Self::Value];

    /// Returns the kind with this number, or `None` if the number is unknown.
    #[must_use]
    #[inline]
    pub fn find(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}
