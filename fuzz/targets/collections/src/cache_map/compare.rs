//! Compares answers with the model.

use downbeat_lsm::collections::CacheMapLookup;

use super::tested::{Record, Side, Tested};
use downbeat::Checked;
use downbeat::check::holds;
use downbeat_model::cache_map::{Expected, Model};

/// An answer of a map, for comparison with the model's.
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

/// Which call answered; `get` cannot distinguish a removed key from an absent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Get,
    Lookup,
    Sweep,
}

/// Checks that the model allows this answer for `key`.
#[inline]
pub(super) fn answer(call: Call, side: Side, key: u64, expected: Expected, got: Answer) -> Checked {
    wrong(call, key, expected, got).map_or(Ok(()), |what| {
        let check = match call {
            Call::Get => "get-equals-model",
            Call::Lookup => "lookup-equals-model",
            Call::Sweep => "model-is-in-map",
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
            .or(what)
    })
}

/// What is wrong with an answer for `key`; `None` if it is right.
#[inline]
fn wrong(call: Call, key: u64, expected: Expected, got: Answer) -> Option<&'static str> {
    match (got, expected) {
        (Answer::Value(record), _) if record.key != key => {
            Some("a map has the value of another key")
        }
        (Answer::Value(record), Expected::Value(stamp) | Expected::ValueOrAbsent(stamp)) => {
            (record.stamp != stamp).then_some("a map has a value that is not the latest")
        }
        (Answer::Value(_), Expected::Absent | Expected::Removed) => {
            Some("a map has a value of a key that has none")
        }
        (Answer::Removed | Answer::Absent, Expected::Value(_)) => {
            Some("a map misses a value written since the last compaction")
        }
        (Answer::Absent, Expected::Absent | Expected::ValueOrAbsent(_)) => None,
        (Answer::Absent, Expected::Removed) if call == Call::Get => None,
        (Answer::Removed, Expected::Removed) => None,
        (Answer::Removed | Answer::Absent, _) => {
            Some("a map takes a removed key for an absent one, or the reverse")
        }
    }
}

impl Tested {
    /// Checks that the map says whether a scope is open, and has one log entry for each of its
    /// writes.
    #[inline]
    pub(super) fn check_scope(&self, model: &Model) -> Checked {
        let got = (self.map.scope_is_open(), self.map.scope_len());
        let expected = (model.scope_is_open(), model.scope_len());
        let text = |(open, len): (bool, usize)| {
            format!("{} with {len} writes", if open { "an open scope" } else { "no scope" })
        };
        holds("scope-logs-each-write", got == expected)
            .show(|| (text(expected), text(got)))
            .state(|| self.side.state())
            .or("a scope is wrongly open, or its log does not have one entry per write")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_answer_gets_its_own_sentence() {
        let value = |key, stamp| Answer::Value(Record { key, stamp });
        let of = |expected, got, words| {
            let what = wrong(Call::Lookup, 7, expected, got);
            assert!(what.is_some_and(|what| what.contains(words)), "{expected:?}, {got:?}");
        };
        of(Expected::Value(2), value(8, 3), "of another key");
        of(Expected::Absent, value(8, 3), "of another key");
        of(Expected::ValueOrAbsent(2), value(7, 1), "not the latest");
        of(Expected::Removed, value(7, 1), "has none");
        of(Expected::Value(2), Answer::Absent, "misses");
        of(Expected::ValueOrAbsent(2), Answer::Removed, "a removed key for an absent one");
    }
}
