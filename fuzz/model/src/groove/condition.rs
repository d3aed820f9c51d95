//! Conditions on objects: whether they hold, and whether a groove must refuse them.

use super::{Rule, Stored};
use crate::mutation::{Mutation, is_on};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A field or derived index has this value.
    Equals(usize, u128),
    /// A field or derived index has a value from the first to the second, inclusive.
    Within(usize, u128, u128),
    /// One of two conditions holds, or both.
    Or(Box<Self>, Box<Self>),
    /// Both conditions hold.
    And(Box<Self>, Box<Self>),
    /// The first condition holds, and the second does not.
    AndNot(Box<Self>, Box<Self>),
}

/// Why a condition is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This field has no index.
    NoIndex(usize),
    /// The index of this field has no objects with the value 0.
    ZeroIsNotIndexed(usize),
    /// The condition needs more scans than there are.
    TooManyScans,
}

impl Condition {
    /// Whether the condition holds for an object.
    pub fn holds<O: Stored>(&self, object: &O) -> bool {
        match self {
            Self::Equals(field, value) => object.indexed(*field) == Some(*value),
            Self::Within(field, min, max) => {
                object.indexed(*field).is_some_and(|value| (*min..=*max).contains(&value))
            }
            Self::Or(one, other) => one.holds(object) || other.holds(object),
            Self::And(one, other) => one.holds(object) && other.holds(object),
            Self::AndNot(one, _) if is_on(Mutation::GrooveDifferenceKeepsAll) => one.holds(object),
            Self::AndNot(one, other) => one.holds(object) && !other.holds(object),
        }
    }

    /// The reason why a groove of objects `O` with `scans_max` scans must refuse the condition;
    /// `None` if it must not.
    #[must_use]
    pub fn refusal<O: Stored>(&self, scans_max: u32) -> Option<Refusal> {
        match self.scans::<O>() {
            Err(refusal) => Some(refusal),
            Ok(scans) => (scans > u128::from(scans_max)).then_some(Refusal::TooManyScans),
        }
    }

    /// How many scans the condition needs: one for each value.
    fn scans<O: Stored>(&self) -> Result<u128, Refusal> {
        let named = |field: usize, value: u128| match O::FIELDS[field] {
            Rule::Plain => Err(Refusal::NoIndex(field)),
            Rule::Optional if value == 0 => Err(Refusal::ZeroIsNotIndexed(field)),
            Rule::Optional | Rule::Unique | Rule::Index | Rule::Derived => Ok(()),
        };
        match self {
            Self::Equals(field, value) => named(*field, *value).map(|()| 1),
            Self::Within(field, min, max) => {
                named(*field, *min)?;
                Ok(max.checked_sub(*min).map_or(0, |more| more.saturating_add(1)))
            }
            Self::Or(one, other) | Self::And(one, other) | Self::AndNot(one, other) => {
                Ok(one.scans::<O>()?.saturating_add(other.scans::<O>()?))
            }
        }
    }
}
