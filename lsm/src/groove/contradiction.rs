//! The errors for entries of fields that contradict the objects.
//!
//! They are corruptions of the object tree. An insert under a timestamp or a unique key that
//! another object has also causes them, if the groove could not notice it.

use super::Object;
use crate::block::{Corruption, Place, Reason};
use crate::forest::StoreError;
use crate::grid::GridError;
use crate::tree::Tree;

/// The error for an entry whose object does not exist.
#[cold]
pub(super) fn without_object<O: Object>(objects: &Tree<O>) -> StoreError {
    contradiction(objects, "an index has an entry whose object does not exist")
}

/// The error for an entry whose object has another value.
#[cold]
pub(super) fn with_other_values<O: Object>(objects: &Tree<O>) -> StoreError {
    contradiction(objects, "an index and an object have different values")
}

fn contradiction<O: Object>(objects: &Tree<O>, what: &'static str) -> StoreError {
    let corruption = Corruption { place: Place::Tree(objects.id()), reason: Reason::Meaning(what) };
    StoreError::Grid(GridError::Corruption(corruption))
}
