//! Compares answers with the model.

use downbeat::check::{Check, holds};
use downbeat::model::version::Version;
use downbeat::records::Versioned;

/// Checks that the answer is the expected record, or none.
#[inline]
pub(super) fn version<R: Versioned>(
    check: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Check {
    let expected = expected.map(R::of);
    let text = |record: Option<&R>| record.map_or("nothing".to_owned(), Versioned::text);
    holds(check, expected.as_ref() == got).show(|| (text(expected.as_ref()), text(got)))
}

/// Checks that the answer is the expected key, or none.
#[inline]
pub(super) fn key<R: Versioned>(
    check: &'static str,
    expected: Option<u64>,
    got: Option<R::Key>,
) -> Check {
    holds(check, expected.map(R::wide) == got).show(|| {
        let expected = expected.map_or("the end".to_owned(), |key| format!("{key:#x}"));
        (expected, got.map_or("the end".to_owned(), |key| format!("{key:x?}")))
    })
}
