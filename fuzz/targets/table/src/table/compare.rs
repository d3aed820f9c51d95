//! Answers against the model.

use std::fmt::Debug;

use downbeat::failure::Divergence;
use downbeat::model::version::Version;
use downbeat::records::Versioned;

/// Whether two answers are the same, of which there is no text but that for debugging.
#[inline]
pub(super) fn same<T: PartialEq + Debug>(
    check: &'static str,
    what: &'static str,
    expected: &T,
    got: &T,
) -> Result<(), Divergence> {
    if expected == got {
        return Ok(());
    }
    Err(Divergence::new(check, what, format!("{expected:?}"), format!("{got:?}")))
}

/// Whether a record is the one that the model has under a key, if it has one.
#[inline]
pub(super) fn record<R: Versioned>(
    check: &'static str,
    what: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Result<(), Divergence> {
    let expected = expected.map(R::of);
    if expected.as_ref() == got {
        return Ok(());
    }
    Err(Divergence::new(check, what, say(expected.as_ref()), say(got)))
}

fn say<R: Versioned>(record: Option<&R>) -> String {
    record.map_or("nothing".to_owned(), |record| {
        let kind = if record.is_tombstone() { "tombstone" } else { "record" };
        format!("{kind} {:x?} #{}", record.key(), record.stamp())
    })
}

/// Whether records are those of the model, all of them in this order.
pub(super) fn records<'a, R: Versioned>(
    check: &'static str,
    what: &'static str,
    expected: impl ExactSizeIterator<Item = &'a Version>,
    got: &[R],
) -> Result<(), Divergence> {
    let count = expected.len();
    for (expected, got) in expected.zip(got) {
        record(check, what, Some(*expected), Some(got))?;
    }
    if got.len() == count {
        return Ok(());
    }
    Err(Divergence::new(check, what, format!("{count} records"), format!("{} records", got.len())))
}

/// Whether bytes are those that the format says.
#[inline]
pub(super) fn bytes(
    check: &'static str,
    what: &'static str,
    expected: &[u8],
    got: &[u8],
) -> Result<(), Divergence> {
    if expected == got { Ok(()) } else { Err(other_bytes(check, what, expected, got)) }
}

#[cold]
fn other_bytes(check: &'static str, what: &'static str, expected: &[u8], got: &[u8]) -> Divergence {
    const SHOWN: usize = 16;
    let first = expected.iter().zip(got).position(|(one, other)| one != other);
    let Some(first) = first else {
        let say = |bytes: &[u8]| format!("{} bytes", bytes.len());
        return Divergence::new(check, what, say(expected), say(got));
    };
    let say = |bytes: &[u8]| {
        let shown = &bytes[first..bytes.len().min(first + SHOWN)];
        let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits} from byte {first} on")
    };
    Divergence::new(check, what, say(expected), say(got))
}
