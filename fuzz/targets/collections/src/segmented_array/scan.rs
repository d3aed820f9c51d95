//! Compares a scan of the plain or the sorted array with the model, element by element.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::collections::segmented_array::Iter;

use super::compare;
use super::words::{Array, Words};
use downbeat::{Checked, Run};
use downbeat_model::segmented_array::Model;

/// A scan of an array.
pub(super) struct Scan<'a, const N: usize> {
    pub(super) array: &'a Array<N>,
    pub(super) model: &'a Model,
    /// The name of the check that each element must pass.
    pub(super) check: &'static str,
    /// The sentence of that check.
    pub(super) what: &'static str,
}

impl<const N: usize> Scan<'_, N> {
    /// Checks up to `count` elements of an iterator that was made at `index`. Returns false if the
    /// iterator ended before it returned `count` elements.
    pub(super) fn elements(
        &self,
        iter: &mut Iter<'_, Words<N>>,
        direction: Direction,
        index: u32,
        count: u32,
        run: &mut Run,
    ) -> Checked<bool> {
        let Self { array, model, check, what } = *self;
        let mut left = match direction {
            Direction::Ascending => model.len() - index,
            // A descending iterator from the end begins with the last element.
            Direction::Descending => (index + 1).min(model.len()),
        };
        for _ in 0..count {
            run.step();
            let next = left.checked_sub(1).map(|last| match direction {
                Direction::Ascending => model.len() - left,
                Direction::Descending => last,
            });
            compare::upcoming(check, array, iter, next, left)?;
            let expected = next.and_then(|next| model.get(next));
            compare::element(check, next.unwrap_or(index), expected, iter.next()).or(what)?;
            if next.is_none() {
                return Ok(false);
            }
            left -= 1;
        }
        Ok(true)
    }
}
