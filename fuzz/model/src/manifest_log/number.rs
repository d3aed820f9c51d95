//! Numbers of 256 bits.

/// A number of 256 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// The upper half.
    pub high: u128,
    /// The lower half.
    pub low: u128,
}

impl Number {
    /// The low `width` bytes of the number.
    pub(super) fn cut(self, width: u32) -> Self {
        match width {
            8 => Number { high: 0, low: self.low & u128::from(u64::MAX) },
            16 => Number { high: 0, low: self.low },
            _ => self,
        }
    }

    pub(super) const MAX: Self = Number { high: u128::MAX, low: u128::MAX };
}
