//! Answers against the model.

use super::words::Words;
use crate::failure::Divergence;
use crate::model::segmented_array::Element;

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

/// Whether two numbers are equal.
#[inline]
pub(super) fn number(
    check: &'static str,
    what: &'static str,
    expected: u32,
    got: u32,
) -> Result<(), Divergence> {
    if expected == got { Ok(()) } else { Err(other_number(check, what, expected, got)) }
}

#[cold]
fn other_number(check: &'static str, what: &'static str, expected: u32, got: u32) -> Divergence {
    let (expected, got) = (expected.to_string(), got.to_string());
    Divergence { check, what, expected, got, state: Vec::new() }
}
