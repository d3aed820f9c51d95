//! A thing: an object with a field of each kind, and a derived index.

use downbeat_input::{table_number, wide};

use super::{Rule, Stored};

/// A thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say nothing about the groove")]
pub struct Thing {
    pub owner: u128,
    pub id: u128,
    pub timestamp: u64,
    pub code: u64,
    pub kind: u64,
    pub mark: u32,
    pub flag: u16,
    pub text: u16,
}

impl Stored for Thing {
    const FIELDS: &'static [Rule] = &[
        Rule::Index,
        Rule::Unique,
        Rule::Plain,
        Rule::Unique,
        Rule::Index,
        Rule::Optional,
        Rule::Optional,
        Rule::Plain,
        Rule::Derived,
    ];

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn primary(&self) -> u128 {
        self.id
    }

    #[inline]
    fn value(&self, field: usize) -> u128 {
        match field {
            Self::OWNER => self.owner,
            Self::ID => self.id,
            Self::CODE => self.code.into(),
            Self::KIND => self.kind.into(),
            Self::MARK => self.mark.into(),
            Self::FLAG => self.flag.into(),
            _ => 0,
        }
    }

    #[inline]
    fn derived(&self, index: usize) -> Option<u128> {
        if index == Self::RANK { self.rank().map(u128::from) } else { None }
    }

    fn code(&self) -> Option<u64> {
        Some(self.code)
    }
}

table_number! {
    /// The values of the fields of a thing, by number: a digit for each field.
    pub Values: u32 = numbers::<96>()
}

table_number! {
    /// The fields that an update changes, as bits: 1 the owner, 2 the kind, 4 the mark, 8 the flag.
    /// The text always changes. The default is 0: no field with an index.
    pub Fields: u32 = [0, 1, 2, 4, 8, 3, 6, 12, 15]
}

table_number! {
    /// The code of a new thing: 0 that of its key, 1 that of the next key, 2 one that no thing ever
    /// had. 0 by default.
    pub Code: u32 = [0, 1, 2]
}

const fn numbers<const COUNT: usize>() -> [u32; COUNT] {
    let mut numbers = [0; COUNT];
    let mut number = 0;
    while number < COUNT {
        numbers[number] = number as u32;
        number += 1;
    }
    numbers
}

/// The owners that many things have.
pub(super) const OWNERS: [u128; 3] = [5, 5 << 64, u128::MAX];

/// The kinds that many things have.
pub(super) const KINDS: [u64; 4] = [1, 2, 0, u64::MAX];

/// The marks that many things have. Things without a mark have 0.
pub(super) const MARKS: [u32; 3] = [0, 7, u32::MAX];

impl Thing {
    /// The number of the field `owner`, an index.
    pub const OWNER: usize = 0;
    /// The number of the field `id`, the primary key.
    pub const ID: usize = 1;
    /// The number of the field `timestamp`.
    pub const TIMESTAMP: usize = 2;
    /// The number of the field `code`, a unique key.
    pub const CODE: usize = 3;
    /// The number of the field `kind`, an index.
    pub const KIND: usize = 4;
    /// The number of the field `mark`, an optional index.
    pub const MARK: usize = 5;
    /// The number of the field `flag`, an optional index.
    pub const FLAG: usize = 6;
    /// The number of the field `text`, which has no index.
    pub const TEXT: usize = 7;
    /// The number of the derived index `rank`.
    pub const RANK: usize = 8;

    /// A new thing. `stamp` is the number of the write, from which rare values are derived.
    #[must_use]
    pub fn new(key: u64, timestamp: u64, code: u64, values: u32, stamp: u64) -> Self {
        let empty = Self {
            owner: 0,
            id: Self::id_of(key),
            timestamp,
            code,
            kind: 0,
            mark: 0,
            flag: 0,
            text: 0,
        };
        empty.with(15, values, stamp)
    }

    /// The primary key of the thing with this key.
    #[must_use]
    #[inline]
    pub fn id_of(key: u64) -> u128 {
        wide::to_u128(key)
    }

    /// The key of the thing with this primary key: the inverse of [`Thing::id_of`].
    #[must_use]
    pub fn key_of(id: u128) -> u64 {
        let piece = |word: u64| word >> 48 << 16 | word & 0xffff;
        piece((id >> 64) as u64) << 32 | piece(id as u64)
    }

    /// The code that belongs to a key.
    #[must_use]
    pub fn code_of(key: u64) -> u64 {
        key.wrapping_mul(3) & !(1 << 63)
    }

    /// A code that belongs to no key, and to no other write.
    #[must_use]
    pub fn rare_code(stamp: u64) -> u64 {
        stamp | 1 << 63
    }

    /// The rank of a thing with an even flag: its kind, but at most 3. So an update of one field
    /// can change the rank, give the thing one or take it away, and an update of both can keep it.
    #[must_use]
    #[inline]
    pub fn rank(&self) -> Option<u16> {
        if self.flag % 2 == 1 {
            return None;
        }
        Some(self.kind.min(3) as u16)
    }

    /// This thing with other values in some fields.
    #[must_use]
    pub fn with(mut self, fields: u32, values: u32, stamp: u64) -> Self {
        let digit = |place: u32, base: u32| (values / place % base) as usize;
        // There are forty rare values, so few things share one.
        let rare = 10 + stamp % 40;
        if fields & 1 != 0 {
            let owner = OWNERS.get(digit(1, 4)).copied();
            // The lower half of some is that of a common owner.
            let low = if rare.is_multiple_of(2) { OWNERS[0] } else { u128::from(rare) };
            self.owner = owner.unwrap_or(u128::from(rare) << 96 | low);
        }
        if fields & 2 != 0 {
            self.kind = KINDS.get(digit(4, 6)).copied().unwrap_or(rare << 40);
        }
        if fields & 4 != 0 {
            self.mark = MARKS.get(digit(24, 4)).copied().unwrap_or(rare as u32);
        }
        if fields & 8 != 0 {
            self.flag = [0, 1, 2, rare as u16][digit(5, 4)];
        }
        self.text = stamp as u16;
        self
    }
}
