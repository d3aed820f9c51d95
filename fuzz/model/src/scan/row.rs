//! A row: an object with four indexes, whose values are common or rare.

use downbeat_input::table_number;

use super::{Rule, Stored};

/// A row. Its primary key is its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say nothing about the groove")]
pub struct Row {
    pub wide: u128,
    pub text: u128,
    pub timestamp: u64,
    pub rare: u64,
    pub common: u32,
    pub mark: u32,
    pub stamp: u64,
}

table_number! {
    /// The values of rows, by number: how many have the common values.
    pub Values: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

table_number! {
    /// The fields that an update changes, as bits: 1 the common one, 2 the rare one, 4 the mark, 8
    /// the wide one. All by default.
    pub Fields: u32 = [15, 0, 1, 2, 4, 8, 5, 3]
}

/// The wide values that many rows have.
pub(super) const WIDES: [u128; 3] = [0, 5 << 64, u128::MAX];

impl Row {
    /// The number of the field `wide`, an index.
    pub const WIDE: usize = 0;
    /// The number of the field `text`, which has no index.
    pub const TEXT: usize = 1;
    /// The number of the field `rare`, an index.
    pub const RARE: usize = 3;
    /// The number of the field `common`, an index.
    pub const COMMON: usize = 4;
    /// The number of the field `mark`, an optional index.
    pub const MARK: usize = 5;
    /// The fields with an index.
    pub const INDEXED: [usize; 4] = [Self::WIDE, Self::RARE, Self::COMMON, Self::MARK];

    /// A new row. `stamp` is the number of the write, from which its values are derived.
    #[must_use]
    pub fn new(timestamp: u64, values: u32, stamp: u64) -> Self {
        let empty = Self { wide: 0, text: 0, timestamp, rare: 0, common: 0, mark: 0, stamp };
        empty.with(15, values, stamp)
    }

    /// This row with other values in some fields.
    #[must_use]
    pub fn with(mut self, fields: u32, values: u32, stamp: u64) -> Self {
        // Neighbours in the order of writes have different values, and so do blocks of them.
        let spread = stamp.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let chance = |of: u64, at: u32| (spread >> at) % of;
        if fields & 1 != 0 {
            self.common = match values % 4 {
                0 => chance(2, 60) as u32,
                1 => 0,
                2 => chance(4, 58) as u32,
                _ => (stamp / 64 % 4) as u32,
            };
        }
        if fields & 2 != 0 {
            self.rare = if values < 4 { chance(200, 40) } else { stamp / 3 % 50 };
        }
        if fields & 4 != 0 {
            self.mark = chance(8, 56).saturating_sub(2) as u32;
        }
        if fields & 8 != 0 {
            let wide = chance(5, 50) as usize;
            let near = u128::from(chance(3, 30));
            self.wide = WIDES.get(wide).copied().unwrap_or(WIDES[1] + near);
        }
        self.stamp = stamp;
        self.text = u128::from(stamp) << 64 | u128::from(!stamp);
        self
    }
}

impl Stored for Row {
    const FIELDS: &'static [Rule] = &[
        Rule::Index,
        Rule::Plain,
        Rule::Plain,
        Rule::Index,
        Rule::Index,
        Rule::Optional,
        Rule::Plain,
    ];

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn primary(&self) -> u128 {
        self.timestamp.into()
    }

    #[inline]
    fn value(&self, field: usize) -> u128 {
        match field {
            Self::WIDE => self.wide,
            Self::TEXT => self.text,
            Self::RARE => self.rare.into(),
            Self::COMMON => self.common.into(),
            Self::MARK => self.mark.into(),
            _ => 0,
        }
    }
}
