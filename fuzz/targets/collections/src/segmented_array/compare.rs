//! Compares answers with the model.

use downbeat_lsm::collections::segmented_array::Iter;

use super::words::{Array, Words};
use downbeat::Checked;
use downbeat::check::{Check, holds};
use downbeat_model::segmented_array::Element;

/// Checks that the array has the same element as the model at `index`. `None` means that there is
/// no element at `index`.
#[inline]
pub(super) fn element<const N: usize>(
    check: &'static str,
    index: u32,
    expected: Option<Element>,
    got: Option<&Words<N>>,
) -> Check {
    let (expected, got) = (expected.map(Words::<N>::of), got.copied());
    let text = |words: Option<Words<N>>| {
        words.map_or("nothing".to_owned(), |words| match N {
            1 => format!("#{}", words.stamp()),
            _ => format!("{:#x} #{}", words.first(), words.stamp()),
        })
    };
    holds(check, expected == got)
        .show(|| (format!("{} at index {index}", text(expected)), text(got)))
        .state(|| {
            let (expected, got) = expected.zip(got)?;
            let is_shown = (expected.first(), expected.stamp()) != (got.first(), got.stamp());
            (!is_shown)
                .then(|| format!("the words after the stamp differ: {expected:x?}, {got:x?}"))
        })
}

/// Checks the position that an iterator reports: the index and the cursor of the next element, and
/// the number of elements left.
#[inline]
pub(super) fn upcoming<const N: usize>(
    check: &'static str,
    array: &Array<N>,
    iter: &Iter<'_, Words<N>>,
    next: Option<u32>,
    left: u32,
) -> Checked {
    let at = iter.cursor().map(|cursor| array.index(cursor));
    let (expected, got) = ((next, next, left as usize), (iter.index(), at, iter.len()));
    let say = |(index, cursor, left): (Option<u32>, Option<u32>, usize)| {
        let say = |index: Option<u32>| index.map_or("none".to_owned(), |index| index.to_string());
        format!("index {}, cursor of index {}, {left} left", say(index), say(cursor))
    };
    holds(check, expected == got)
        .show(|| (say(expected), say(got)))
        .or("an iterator and the model disagree on the next element")
}
