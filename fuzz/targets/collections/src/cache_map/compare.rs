//! Compares answers with the model.

use downbeat_lsm::collections::CacheMapLookup;

use super::maps::{Map, Record, Side};
use downbeat::check::holds;
use downbeat::failure::Divergence;
use downbeat::model::cache_map::{Expected, Model};

/// An answer of a map, in the words of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Value(Record),
    Removed,
    Absent,
}

impl Answer {
    #[inline]
    pub(super) fn of_get(found: Option<&Record>) -> Self {
        found.map_or(Answer::Absent, |record| Answer::Value(*record))
    }

    #[inline]
    pub(super) fn of_lookup(found: CacheMapLookup<'_, Record>) -> Self {
        match found {
            CacheMapLookup::Found(record) => Answer::Value(*record),
            CacheMapLookup::Removed => Answer::Removed,
            CacheMapLookup::Absent => Answer::Absent,
        }
    }

    /// A number that distinguishes answers, for the digest.
    #[inline]
    pub(super) fn word(self) -> u64 {
        match self {
            Answer::Absent => 0,
            Answer::Removed => 1,
            Answer::Value(record) => record.stamp << 1 | 0x8000_0000_0000_0000,
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Answer::Value(record) => format!("#{}", record.stamp),
            Answer::Removed => "removed".to_owned(),
            Answer::Absent => "absent".to_owned(),
        }
    }
}

/// Which call answered; `get` does not tell a removed key from an absent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Get,
    Lookup,
    Sweep,
}

/// Checks that the model allows this answer for `key`.
#[inline]
pub(super) fn answer(
    call: Call,
    side: Side,
    key: u64,
    expected: Expected,
    got: Answer,
) -> Result<(), Divergence> {
    let is_right = match (got, expected) {
        (Answer::Value(record), Expected::Value(stamp) | Expected::ValueOrAbsent(stamp)) => {
            record == Record { key, stamp }
        }
        (Answer::Absent, Expected::Absent | Expected::ValueOrAbsent(_)) => true,
        (Answer::Absent, Expected::Removed) => call == Call::Get,
        (Answer::Removed, Expected::Removed) => true,
        _ => false,
    };
    if is_right { Ok(()) } else { wrong(call, side, key, expected, got) }
}

#[cold]
fn wrong(
    call: Call,
    side: Side,
    key: u64,
    expected: Expected,
    got: Answer,
) -> Result<(), Divergence> {
    let (check, sentences) = match call {
        Call::Get => ("get-equals-model", GET),
        Call::Lookup => ("lookup-equals-model", LOOKUP),
        Call::Sweep => ("model-is-in-map", SWEEP),
    };
    let text = match got {
        Answer::Value(record) if record.key != key => {
            format!("{} of key {:#x}", got.text(), record.key)
        }
        _ => got.text(),
    };
    holds(check, false)
        .show(|| (format!("{expected} for {key:#x}"), text))
        .state(|| side.state())
        .or(sentence(key, expected, got, sentences))
}

/// What is wrong, in this order: the value of another key; an older or newer value; a value of a
/// key that has none; a missing value; a removed key reported as absent, or the reverse.
type Sentences = [&'static str; 5];

const GET: Sentences = [
    "get returns the value of another key",
    "get returns a value that is not the latest",
    "get returns a value of a key that has none",
    "get misses a value written since the last compaction",
    "get reports a removed key as absent, or the reverse",
];

const LOOKUP: Sentences = [
    "lookup returns the value of another key",
    "lookup returns a value that is not the latest",
    "lookup returns a value of a key that has none",
    "lookup misses a value written since the last compaction",
    "lookup reports a removed key as absent, or the reverse",
];

const SWEEP: Sentences = [
    "at the end the map has the value of another key",
    "at the end the map has a value that is not the latest",
    "at the end the map has a value of a key that has none",
    "at the end the map misses a value written since the last compaction",
    "at the end the map reports a removed key as absent, or the reverse",
];

fn sentence(key: u64, expected: Expected, got: Answer, sentences: Sentences) -> &'static str {
    let index = match (got, expected) {
        (Answer::Value(record), _) if record.key != key => 0,
        (Answer::Value(_), Expected::Value(_) | Expected::ValueOrAbsent(_)) => 1,
        (Answer::Value(_), Expected::Absent | Expected::Removed) => 2,
        (Answer::Removed | Answer::Absent, Expected::Value(_)) => 3,
        (Answer::Removed | Answer::Absent, _) => 4,
    };
    sentences[index]
}

/// Checks that a map says whether a scope is open, and has one log entry for each of its writes.
#[inline]
pub(super) fn scope(map: &Map, side: Side, model: &Model) -> Result<(), Divergence> {
    let got = (map.scope_is_open(), map.scope_len());
    let expected = (model.scope_is_open(), model.scope_len());
    let text = |(open, len): (bool, usize)| {
        format!("{} with {len} writes", if open { "an open scope" } else { "no scope" })
    };
    holds("scope-logs-each-write", got == expected)
        .show(|| (text(expected), text(got)))
        .state(|| side.state())
        .or("a scope is wrongly open, or its log does not have one entry per write")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_answer_gets_its_own_sentence() {
        let value = |key, stamp| Answer::Value(Record { key, stamp });
        let of = |expected, got| sentence(7, expected, got, GET);
        assert_eq!(of(Expected::Value(2), value(8, 3)), GET[0]);
        assert_eq!(of(Expected::Absent, value(8, 3)), GET[0]);
        assert_eq!(of(Expected::ValueOrAbsent(2), value(7, 1)), GET[1]);
        assert_eq!(of(Expected::Removed, value(7, 1)), GET[2]);
        assert_eq!(of(Expected::Value(2), Answer::Absent), GET[3]);
        assert_eq!(of(Expected::ValueOrAbsent(2), Answer::Removed), GET[4]);
    }
}
