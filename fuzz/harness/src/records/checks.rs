//! Checks of records and keys against the versions and keys of a model.

use super::Versioned;
use crate::check::{Check, holds};
use crate::input::version::Version;

/// Checks that `got` is the record of the expected version, or that both are `None`.
#[inline]
pub fn same_record<R: Versioned>(
    check: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Check {
    let expected = expected.map(R::of);
    let text = |record: Option<&R>| record.map_or("nothing".to_owned(), Versioned::text);
    holds(check, expected.as_ref() == got).show(|| (text(expected.as_ref()), text(got)))
}

/// Checks that `got` is the record key for the expected key, or that both are `None`.
#[inline]
pub fn same_key<R: Versioned>(
    check: &'static str,
    expected: Option<u64>,
    got: Option<R::Key>,
) -> Check {
    holds(check, expected.map(R::wide) == got).show(|| {
        let expected = expected.map_or("the end".to_owned(), |key| format!("{key:#x}"));
        (expected, got.map_or("the end".to_owned(), |key| format!("{key:x?}")))
    })
}
