//! Compares answers with the model.

use downbeat_lsm::merge::{Popped, StreamHead};

use downbeat::Checked;
use downbeat::check::holds;
use downbeat::records::Versioned;
use downbeat_model::merge::Given;

/// Checks that a peek shows the key of the next record.
#[inline]
pub(super) fn shown<R: Versioned>(expected: Option<Given>, got: StreamHead<R::Key>) -> Checked {
    let expected_head = expected
        .map_or(StreamHead::Ended, |given| StreamHead::Key(R::wide(given.record.version.key)));
    let shown = || match got {
        StreamHead::Key(key) => format!("{key:x?}"),
        StreamHead::Ended => "the end".to_owned(),
        StreamHead::NotReady => "not ready".to_owned(),
    };
    holds("peek-equals-model", expected_head == got)
        .show(|| (text::<R>(expected), shown()))
        .or("a peek of a merge shows another key than the model")
}

/// Checks that a pop returns the next record.
#[inline]
pub(super) fn given<R: Versioned>(expected: Option<Given>, got: &Popped<R>) -> Checked {
    let is_equal = match (expected, got) {
        (Some(given), Popped::Record(record)) => R::of(given.record.version) == *record,
        (None, Popped::Ended) => true,
        (Some(_), Popped::Ended) | (None, Popped::Record(_)) | (_, Popped::NotReady) => false,
    };
    let popped = || match got {
        Popped::Record(record) => record.text(),
        Popped::Ended => "the end".to_owned(),
        Popped::NotReady => "not ready".to_owned(),
    };
    holds("pop-equals-model", is_equal)
        .show(|| (text::<R>(expected), popped()))
        .or("a merge returns another record than the model")
}

fn text<R: Versioned>(given: Option<Given>) -> String {
    given.map_or("the end".to_owned(), |given| {
        format!("{} of stream {}", R::of(given.record.version).text(), given.record.stream)
    })
}
