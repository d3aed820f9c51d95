//! Compares answers with the model.

use downbeat::check::{Check, holds};
use downbeat::model::version::Version;
use downbeat::records::Versioned;

/// Checks that the answer is the expected record, or none.
#[inline]
pub(super) fn record<R: Versioned>(
    check: &'static str,
    expected: Option<Version>,
    got: Option<&R>,
) -> Check {
    let expected = expected.map(R::of);
    holds(check, expected.as_ref() == got).show(|| (say(expected.as_ref()), say(got)))
}

fn say<R: Versioned>(record: Option<&R>) -> String {
    record.map_or("nothing".to_owned(), |record| {
        let kind = if record.is_tombstone() { "tombstone" } else { "record" };
        format!("{kind} {:x?} #{}", record.key(), record.stamp())
    })
}

/// Checks that the answer has all of the expected records, in their order, and no other.
pub(super) fn records<'a, R: Versioned>(
    check: &'static str,
    expected: impl ExactSizeIterator<Item = &'a Version>,
    got: &[R],
) -> Check {
    let count = expected.len();
    let mut differs = expected.zip(got).filter(|(expected, got)| R::of(**expected) != **got);
    match differs.next() {
        Some((expected, got)) => record(check, Some(*expected), Some(got)),
        None => holds(check, got.len() == count)
            .show(|| (format!("{count} records"), format!("{} records", got.len()))),
    }
}

/// Checks that the answer has the expected bytes.
#[inline]
pub(super) fn bytes(check: &'static str, expected: &[u8], got: &[u8]) -> Check {
    const SHOWN: usize = 16;
    holds(check, expected == got).show(|| {
        let first = expected.iter().zip(got).position(|(one, other)| one != other);
        let say = |bytes: &[u8]| match first {
            None => format!("{} bytes", bytes.len()),
            Some(first) => {
                let shown = &bytes[first..bytes.len().min(first + SHOWN)];
                let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{digits} from byte {first} on")
            }
        };
        (say(expected), say(got))
    })
}
