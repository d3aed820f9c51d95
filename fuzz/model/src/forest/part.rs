//! A part: an object with a primary key and two indexes.

use downbeat_input::table_number;

use crate::groove::{Rule, Stored};

/// A part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say nothing about the groove")]
pub struct Part {
    pub id: u64,
    pub timestamp: u64,
    pub kind: u64,
    pub mark: u32,
    pub text: u32,
}

table_number! {
    /// The values of the fields of a part, by number: the kind is the remainder by 4, and the mark
    /// the quotient.
    pub Values: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
}

impl Part {
    /// The number of the field `id`, the primary key.
    pub const ID: usize = 0;
    /// The number of the field `kind`, an index.
    pub const KIND: usize = 2;
    /// The number of the field `mark`, an optional index.
    pub const MARK: usize = 3;

    /// A part. `stamp` is the number of the write, from which rare values are derived.
    #[must_use]
    pub fn new(id: u64, timestamp: u64, values: u32, stamp: u64) -> Self {
        let rare = 10 + stamp % 20;
        let kind = [1, 0, u64::MAX, rare << 40][(values % 4) as usize];
        let mark = [0, 7, u32::MAX, rare as u32][(values / 4 % 4) as usize];
        Self { id, timestamp, kind, mark, text: stamp as u32 }
    }
}

impl Stored for Part {
    const FIELDS: &'static [Rule] =
        &[Rule::Unique, Rule::Plain, Rule::Index, Rule::Optional, Rule::Plain];

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn primary(&self) -> u128 {
        self.id.into()
    }

    #[inline]
    fn value(&self, field: usize) -> u128 {
        match field {
            Self::ID => self.id.into(),
            Self::KIND => self.kind.into(),
            Self::MARK => self.mark.into(),
            _ => 0,
        }
    }
}
