//! Answers against the model.

use downbeat_lsm::collections::CacheMapLookup;

use super::maps::{Map, Record, Side};
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

    /// A word that tells answers apart, for the digest.
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

/// Whether the model allows this answer for `key`.
#[inline]
pub(super) fn answer(
    call: Call,
    side: Side,
    key: u64,
    expected: Expected,
    got: Answer,
) -> Result<(), Divergence> {
    let right = match (got, expected) {
        (Answer::Value(record), Expected::Value(stamp) | Expected::ValueOrAbsent(stamp)) => {
            record == Record { key, stamp }
        }
        (Answer::Absent, Expected::Absent | Expected::ValueOrAbsent(_)) => true,
        (Answer::Absent, Expected::Removed) => call == Call::Get,
        (Answer::Removed, Expected::Removed) => true,
        _ => false,
    };
    if right { Ok(()) } else { Err(wrong(call, side, key, expected, got)) }
}

#[cold]
fn wrong(call: Call, side: Side, key: u64, expected: Expected, got: Answer) -> Divergence {
    let (check, what) = match call {
        Call::Get => ("get-equals-model", sentence(key, expected, got, GET)),
        Call::Lookup => ("lookup-equals-model", sentence(key, expected, got, LOOKUP)),
        Call::Sweep => ("model-is-in-map", sentence(key, expected, got, SWEEP)),
    };
    let got = match got {
        Answer::Value(record) if record.key != key => {
            format!("{} of key {:#x}", got.text(), record.key)
        }
        _ => got.text(),
    };
    Divergence {
        check,
        what,
        expected: format!("{expected} for {key:#x}"),
        got,
        state: vec![format!("the map {}", side.name())],
    }
}

/// What is wrong, in the order: another key's value, an older or newer value, a value that was
/// removed or never was, a value that is missing, removal confused with absence.
type Sentences = [&'static str; 5];

const GET: Sentences = [
    "get returns the value of another key",
    "get returns another value than the latest",
    "get returns a value that is not there",
    "get misses a value written since the last compaction",
    "get confuses removed and absent",
];

const LOOKUP: Sentences = [
    "lookup returns the value of another key",
    "lookup returns another value than the latest",
    "lookup returns a value that is not there",
    "lookup misses a value written since the last compaction",
    "lookup confuses removed and absent",
];

const SWEEP: Sentences = [
    "at the end the map has the value of another key",
    "at the end the map has another value than the latest",
    "at the end the map has a value that is not there",
    "at the end the map misses a value written since the last compaction",
    "at the end the map confuses removed and absent",
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

/// A map knows whether a scope is open, and logs each of its writes.
#[inline]
pub(super) fn scope(map: &Map, side: Side, model: &Model) -> Result<(), Divergence> {
    let got = (map.scope_is_open(), map.scope_len());
    let expected = (model.scope_is_open(), model.scope_len());
    if got == expected { Ok(()) } else { Err(wrong_scope(side, expected, got)) }
}

#[cold]
fn wrong_scope(side: Side, expected: (bool, usize), got: (bool, usize)) -> Divergence {
    let text = |(open, len): (bool, usize)| {
        format!("{} with {len} writes", if open { "an open scope" } else { "no scope" })
    };
    Divergence {
        check: "scope-logs-each-write",
        what: "a scope is not open when it should be, or its log has not one entry for each write",
        expected: text(expected),
        got: text(got),
        state: vec![format!("the map {}", side.name())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_answer_gets_the_sentence_that_says_what_is_wrong() {
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
