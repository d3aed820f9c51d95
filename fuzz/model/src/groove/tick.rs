//! A tick: an object whose primary key is its timestamp.

use downbeat_input::table_number;

use super::{Rule, Stored};

/// A tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say nothing about the groove")]
pub struct Tick {
    pub timestamp: u64,
    pub tag: u32,
    pub text: u32,
}

table_number! {
    /// The tag of a tick.
    pub Tag: u32 = [0, 1, 2, u32::MAX]
}

impl Tick {
    /// The number of the field `tag`, an index.
    pub const TAG: usize = 1;
}

impl Stored for Tick {
    const FIELDS: &'static [Rule] = &[Rule::Plain, Rule::Index, Rule::Plain];

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn primary(&self) -> u128 {
        self.timestamp.into()
    }

    fn value(&self, field: usize) -> u128 {
        if field == Self::TAG { self.tag.into() } else { 0 }
    }
}
