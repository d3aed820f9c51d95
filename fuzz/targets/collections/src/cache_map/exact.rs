//! The maps against the reference, entry by entry: what the design says of the cache, the stash and
//! the statistics, beyond what callers may rely on.

use downbeat_lsm::collections::StashEntry;

use super::compare::{Answer, Call};
use super::events;
use super::maps::{Map, Record, Side};
use downbeat::failure::Divergence;
use downbeat::model::cache_map::Reference;
use downbeat::model::cache_map::reference::{Facts, Known};

/// An answer must be the one that the design gives, also for an older value.
#[inline]
pub(super) fn answer(call: Call, side: Side, known: Known, got: Answer) -> Result<(), Divergence> {
    let right = match (known, got) {
        (Known::Value(stamp), Answer::Value(record)) => record.stamp == stamp,
        (Known::Removed, Answer::Removed) | (Known::Absent, Answer::Absent) => true,
        (Known::Removed, Answer::Absent) => call == Call::Get,
        _ => false,
    };
    if right { Ok(()) } else { Err(wrong_answer(side, known, got)) }
}

/// The cache holds the right entries, each in its slot.
pub(super) fn slots(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let got = map.slots().map(|record| (record.key, record.stamp));
    if got.eq(reference.slots()) { Ok(()) } else { Err(wrong_slots(map, side, reference)) }
}

/// The stash holds the right entries.
pub(super) fn stash(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let right = |entry: StashEntry<'_, Record>| match entry {
        StashEntry::Live(record) => reference.stashed(record.key) == Some(Some(record.stamp)),
        StashEntry::Removed(key) => reference.stashed(key) == Some(None),
    };
    if map.stash_len() == reference.stash_len() && map.stash().all(right) {
        return Ok(());
    }
    Err(wrong_stash(map, side, reference))
}

/// The statistics are right, each of them.
pub(super) fn statistics(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let got: Facts = *events::facts(map.statistics()).counts();
    let differs = (0..got.len()).find(|fact| got[*fact] != reference.facts()[*fact]);
    match differs {
        None => Ok(()),
        Some(fact) => Err(wrong_statistics(side, fact, reference.facts()[fact], got[fact])),
    }
}

#[cold]
fn wrong_answer(side: Side, known: Known, got: Answer) -> Divergence {
    let expected = match known {
        Known::Value(stamp) => format!("#{stamp}"),
        Known::Removed => "removed".to_owned(),
        Known::Absent => "absent".to_owned(),
    };
    Divergence {
        check: "answer-is-as-designed",
        what: "an older value is kept or lost against the design",
        expected,
        got: got.text(),
        state: vec![format!("the map {}", side.name())],
    }
}

#[cold]
fn wrong_slots(map: &Map, side: Side, reference: &Reference) -> Divergence {
    let text = |slots: &mut dyn Iterator<Item = (u64, u64)>| {
        let slots: Vec<String> = slots.map(|(key, stamp)| format!("{key:#x} #{stamp}")).collect();
        format!("[{}]", slots.join(", "))
    };
    Divergence {
        check: "cache-is-as-designed",
        what: "the cache holds other entries than designed, or in other slots",
        expected: text(&mut reference.slots()),
        got: text(&mut map.slots().map(|record| (record.key, record.stamp))),
        state: vec![format!("the map {}", side.name())],
    }
}

#[cold]
fn wrong_stash(map: &Map, side: Side, reference: &Reference) -> Divergence {
    let text = |mut entries: Vec<(u64, Option<u64>)>| {
        entries.sort_unstable();
        let texts = entries.iter().map(|(key, stamp)| match stamp {
            Some(stamp) => format!("{key:#x} #{stamp}"),
            None => format!("{key:#x} removed"),
        });
        format!("[{}]", texts.collect::<Vec<_>>().join(", "))
    };
    let got = map.stash().map(|entry| match entry {
        StashEntry::Live(record) => (record.key, Some(record.stamp)),
        StashEntry::Removed(key) => (key, None),
    });
    Divergence {
        check: "stash-is-as-designed",
        what: "the stash holds other entries than designed",
        expected: text(reference.stash().collect()),
        got: text(got.collect()),
        state: vec![format!("the map {}", side.name())],
    }
}

#[cold]
fn wrong_statistics(side: Side, fact: usize, expected: u64, got: u64) -> Divergence {
    Divergence {
        check: "statistics-count-what-happened",
        what: "a statistic is not how often it happened",
        expected: format!("{expected} of \"{}\"", events::NAMES[fact]),
        got: got.to_string(),
        state: vec![format!("the map {}", side.name())],
    }
}
