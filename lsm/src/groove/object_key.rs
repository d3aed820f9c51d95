//! The keys by which an object is found: its timestamp, its primary key, and its unique fields.

use std::fmt::{Debug, Formatter, Result as Formatted};
use std::hash::BuildHasher;
use std::marker::PhantomData;

use super::{Field, FieldKind, FieldValue, Object};
use crate::collections::KeyHash;

/// The field number that stands for the timestamp in an [`ObjectKey`].
pub(super) const TIMESTAMP: usize = usize::MAX;

/// A key that at most one object has.
pub struct ObjectKey<O> {
    pub(super) field: usize,
    pub(super) value: u128,
    object: PhantomData<fn() -> O>,
}

impl<O: Object> ObjectKey<O> {
    /// The object with this timestamp.
    #[must_use]
    pub fn timestamp(timestamp: u64) -> Self {
        Self { field: TIMESTAMP, value: u128::from(timestamp), object: PhantomData }
    }

    /// The object with this primary key.
    #[must_use]
    pub fn primary(primary: u128) -> Self {
        Self { field: primary_field::<O>(), value: primary, object: PhantomData }
    }

    /// The object whose field has this value.
    ///
    /// # Panics
    ///
    /// If the field is neither unique nor primary.
    #[must_use]
    pub fn unique<V: FieldValue>(field: Field<O, V>, value: V) -> Self {
        let shape = &O::FIELDS[field.number];
        assert!(shape.kind.is_unique(), "groove: the field must be unique ({})", shape.name);
        Self { field: field.number, value: value.number(), object: PhantomData }
    }
}

impl<O: Object> ObjectKey<O> {
    /// The key that an object has in the unique field with this number.
    pub(super) fn of_field(field: usize, object: &O) -> Option<Self> {
        object.indexed(field).map(|value| Self { field, value, object: PhantomData })
    }
}

impl<O> Clone for ObjectKey<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for ObjectKey<O> {}

impl<O> Debug for ObjectKey<O> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        match self.field {
            TIMESTAMP => write!(formatter, "timestamp {}", self.value),
            field => write!(formatter, "field {field} = {}", self.value),
        }
    }
}

/// The number of the primary field, or that of the timestamp if no field is primary.
pub(super) fn primary_field<O: Object>() -> usize {
    O::FIELDS.iter().position(|field| field.kind == FieldKind::Primary).unwrap_or(TIMESTAMP)
}

impl<O> ObjectKey<O> {
    /// Whether an object has this key.
    pub(super) fn is_of(&self, object: &O) -> bool
    where
        O: Object,
    {
        let value = match self.field {
            TIMESTAMP => Some(u128::from(object.timestamp())),
            field => object.indexed(field),
        };
        value == Some(self.value)
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        (self.field, self.value) == (other.field, other.value)
    }

    pub(super) fn hash(&self) -> u64 {
        KeyHash::new().hash_one((self.field as u64, self.value))
    }
}
