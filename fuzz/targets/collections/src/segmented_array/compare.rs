//! Answers against the model.

use downbeat_lsm::collections::segmented_array::{Iter, SegmentedArray};

use super::words::Words;
use downbeat::failure::Divergence;
use downbeat::model::segmented_array::Element;

/// Whether the array holds at `index` what the model does, nothing where it ends included.
#[inline]
pub(super) fn element<const N: usize>(
    check: &'static str,
    what: &'static str,
    index: u32,
    expected: Option<Element>,
    got: Option<&Words<N>>,
) -> Result<(), Divergence> {
    let equal = match (expected, got) {
        (Some(element), Some(words)) => Words::of(element) == *words,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if equal { Ok(()) } else { Err(other_element(check, what, index, expected, got)) }
}

#[cold]
fn other_element<const N: usize>(
    check: &'static str,
    what: &'static str,
    index: u32,
    expected: Option<Element>,
    got: Option<&Words<N>>,
) -> Divergence {
    let text = |words: Option<Words<N>>| {
        words.map_or("nothing".to_owned(), |words| match N {
            1 => format!("#{}", words.stamp()),
            _ => format!("{:#x} #{}", words.first(), words.stamp()),
        })
    };
    let mut state = Vec::new();
    if let (Some(expected), Some(got)) = (expected.map(Words::<N>::of), got)
        && (expected.first(), expected.stamp()) == (got.first(), got.stamp())
    {
        state.push(format!("the words behind the stamp differ: {expected:x?}, {got:x?}"));
    }
    Divergence {
        check,
        what,
        expected: format!("{} at index {index}", text(expected.map(Words::of))),
        got: text(got.copied()),
        state,
    }
}

/// Whether an iterator says itself what comes next, by index and by cursor, and how much is left.
#[inline]
pub(super) fn upcoming<const N: usize>(
    check: &'static str,
    array: &SegmentedArray<Words<N>>,
    iter: &Iter<'_, Words<N>>,
    next: Option<u32>,
    left: u32,
) -> Result<(), Divergence> {
    let at = iter.cursor().map(|cursor| array.index(cursor));
    let got = (iter.index(), at, iter.len());
    if got == (next, next, left as usize) {
        return Ok(());
    }
    Err(other_upcoming(check, (next, next, left as usize), got))
}

#[cold]
fn other_upcoming(
    check: &'static str,
    expected: (Option<u32>, Option<u32>, usize),
    got: (Option<u32>, Option<u32>, usize),
) -> Divergence {
    let say = |(index, cursor, left): (Option<u32>, Option<u32>, usize)| {
        let say = |index: Option<u32>| index.map_or("none".to_owned(), |index| index.to_string());
        format!("index {}, cursor of index {}, {left} left", say(index), say(cursor))
    };
    Divergence::new(
        check,
        "an iterator says something else of what comes next",
        say(expected),
        say(got),
    )
}
