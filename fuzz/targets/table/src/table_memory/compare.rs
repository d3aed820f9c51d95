//! Answers against the model.

use downbeat::failure::Divergence;
use downbeat::model::version::Version;
use downbeat::records::Versioned;

/// Whether a record is that of the model, nothing included.
#[inline]
pub(super) fn version<R: Versioned>(
    check: &'static str,
    what: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Result<(), Divergence> {
    let is_equal = match (expected, got) {
        (Some(version), Some(record)) => R::of(version) == *record,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if is_equal { Ok(()) } else { Err(other_version(check, what, expected, got)) }
}

#[cold]
fn other_version<R: Versioned>(
    check: &'static str,
    what: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Divergence {
    let text = |record: Option<&R>| record.map_or("nothing".to_owned(), Versioned::text);
    let expected = expected.map(R::of);
    Divergence::new(check, what, text(expected.as_ref()), text(got))
}

/// Whether a key is that of the model, none included.
#[inline]
pub(super) fn key<R: Versioned>(
    check: &'static str,
    what: &'static str,
    expected: Option<u64>,
    got: Option<R::Key>,
) -> Result<(), Divergence> {
    if expected.map(R::wide) == got {
        return Ok(());
    }
    let expected = expected.map_or("the end".to_owned(), |key| format!("{key:#x}"));
    let got = got.map_or("the end".to_owned(), |key| format!("{key:x?}"));
    Err(Divergence::new(check, what, expected, got))
}
