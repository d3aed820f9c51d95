//! The fields and derived indexes of an object: which of them have trees, and their values as
//! numbers.

use std::fmt::{Debug, Formatter, Result as Formatted};
use std::marker::PhantomData;

use super::{Condition, Object};
use crate::block::checksum;

/// What a field of an object is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The field has no tree.
    Plain,
    /// The key of the object tree. Each object has exactly one such field.
    Timestamp,
    /// The key by which objects are read into memory and updated. It is also unique. An object
    /// without such a field uses its timestamp.
    Primary,
    /// No two objects have the same value.
    Unique,
    /// Any number of objects may have the same value.
    Index,
    /// As [`FieldKind::Index`], but objects whose value is 0 are not in the index.
    Optional,
    /// A derived index: an index without a field of its own. A function computes its value from the
    /// object. Objects for which the function returns none are not in the index.
    Derived,
}

/// A field or a derived index of an object.
#[derive(Clone, Copy, Debug)]
pub struct FieldShape {
    /// The name of the object and of the field or derived index, joined by a dot: also the name of
    /// its tree.
    pub name: &'static str,
    /// The use of the field.
    pub kind: FieldKind,
    /// The size of a value in bytes. A derived value takes no bytes in the object.
    pub size: usize,
}

impl FieldShape {
    /// Whether the values have up to 128 bits. Otherwise they have up to 64.
    pub(super) fn is_wide(&self) -> bool {
        self.size > 8
    }

    /// Checks that exactly one field is the timestamp, and at most one the primary key.
    ///
    /// # Panics
    ///
    /// If there are more or fewer of them. The macro evaluates this at compile time.
    #[doc(hidden)]
    #[must_use]
    pub const fn checked<const COUNT: usize>(fields: [Self; COUNT]) -> [Self; COUNT] {
        let (mut timestamps, mut primaries) = (0, 0);
        let mut number = 0;
        while number < COUNT {
            match fields[number].kind {
                FieldKind::Timestamp => timestamps += 1,
                FieldKind::Primary => primaries += 1,
                FieldKind::Plain
                | FieldKind::Unique
                | FieldKind::Index
                | FieldKind::Optional
                | FieldKind::Derived => {}
            }
            number += 1;
        }
        assert!(timestamps == 1, "groove: an object must have one field `=> timestamp`");
        assert!(primaries <= 1, "groove: an object must not have two fields `=> primary`");
        fields
    }

    /// The checksum of the fields of an object, in the order of their declaration, and then of its
    /// derived indexes: of their kinds, sizes and names. The order and the sizes say where each
    /// field is, because the fields leave no gap. The checksum does not cover the functions of the
    /// derived indexes.
    pub(super) fn checksum(fields: &[Self]) -> u64 {
        let mut bytes = Vec::new();
        for Self { name, kind, size } in fields {
            let kind: u64 = match kind {
                FieldKind::Plain => 0,
                FieldKind::Timestamp => 1,
                FieldKind::Primary => 2,
                FieldKind::Unique => 3,
                FieldKind::Index => 4,
                FieldKind::Optional => 5,
                FieldKind::Derived => 6,
            };
            for number in [kind, *size as u64, name.len() as u64] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(name.as_bytes());
        }
        checksum(&bytes) as u64
    }
}

/// A field or a derived index of the objects `O`, with values `V`. [`object!`](crate::object)
/// declares a constant of this type for each of them, to be used in [conditions](Condition).
pub struct Field<O, V> {
    pub(super) number: usize,
    types: PhantomData<fn() -> (O, V)>,
}

impl<O, V> Clone for Field<O, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, V> Copy for Field<O, V> {}

impl<O, V> Debug for Field<O, V> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        write!(formatter, "field {}", self.number)
    }
}

impl<O, V> Field<O, V> {
    /// The number of the field in [`Object::FIELDS`].
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn number(self) -> usize {
        self.number
    }

    /// The field with this name.
    ///
    /// # Panics
    ///
    /// If the object has no such field. The macro evaluates this at compile time.
    #[doc(hidden)]
    #[must_use]
    pub const fn named(fields: &[FieldShape], name: &str) -> Self {
        let mut number = 0;
        while number < fields.len() {
            if are_equal(fields[number].name.as_bytes(), name.as_bytes()) {
                return Self { number, types: PhantomData };
            }
            number += 1;
        }
        panic!("groove: the object must have the field")
    }
}

impl<O: Object, V: FieldValue> Field<O, V> {
    /// The objects whose field or derived index has this value.
    #[must_use]
    pub fn equals(self, value: V) -> Condition<O> {
        Condition::equals(self.number, value.number())
    }

    /// The objects whose field or derived index has a value from `min` to `max`, inclusive. A query
    /// refuses the condition if it needs more than the available scans: one for each value of the
    /// range.
    #[must_use]
    pub fn within(self, min: V, max: V) -> Condition<O> {
        Condition::within(self.number, min.number(), max.number())
    }
}

const fn are_equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut place = 0;
    while place < one.len() {
        if one[place] != other[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// An unsigned number that a field or a derived index can have.
pub trait FieldValue: Copy + Debug {
    /// The value as a number. Its order is that of the values.
    fn number(self) -> u128;
}

macro_rules! number_value {
    ($($number:ty)+) => {
        $(impl FieldValue for $number {
            #[inline]
            fn number(self) -> u128 {
                u128::from(self)
            }
        })+
    };
}

number_value!(u8 u16 u32 u64 u128);
