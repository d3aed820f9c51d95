//! Answers against the model.

use downbeat_lsm::merge::{Popped, StreamHead};

use downbeat::failure::Divergence;
use downbeat::model::merge::Given;
use downbeat::records::Versioned;

/// Whether a peek shows the key that comes next.
#[inline]
pub(super) fn shown<R: Versioned>(
    expected: Option<Given>,
    got: StreamHead<R::Key>,
) -> Result<(), Divergence> {
    let expected_head = expected
        .map_or(StreamHead::Ended, |given| StreamHead::Key(R::wide(given.record.version.key)));
    if expected_head == got {
        return Ok(());
    }
    let text = expected.map_or("the end".to_owned(), text::<R>);
    let got = match got {
        StreamHead::Key(key) => format!("{key:x?}"),
        StreamHead::Ended => "the end".to_owned(),
        StreamHead::NotReady => "not ready".to_owned(),
    };
    Err(Divergence::new("peek-equals-model", "a merge shows another key than the model", text, got))
}

/// Whether a pop gives the record that comes next.
#[inline]
pub(super) fn given<R: Versioned>(
    expected: Option<Given>,
    got: &Popped<R>,
) -> Result<(), Divergence> {
    let is_equal = match (expected, got) {
        (Some(given), Popped::Record(record)) => R::of(given.record.version) == *record,
        (None, Popped::Ended) => true,
        (Some(_), Popped::Ended) | (None, Popped::Record(_)) | (_, Popped::NotReady) => false,
    };
    if is_equal {
        return Ok(());
    }
    let expected = expected.map_or("the end".to_owned(), text::<R>);
    let got = match got {
        Popped::Record(record) => record.text(),
        Popped::Ended => "the end".to_owned(),
        Popped::NotReady => "not ready".to_owned(),
    };
    Err(Divergence::new(
        "pop-equals-model",
        "a merge gives another record than the model",
        expected,
        got,
    ))
}

fn text<R: Versioned>(given: Given) -> String {
    format!("{} of stream {}", R::of(given.record.version).text(), given.record.stream)
}
