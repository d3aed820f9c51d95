//! Compares the maps with the reference, entry by entry: the cache, the stash and the statistics
//! must be as designed, beyond what callers may rely on.

use downbeat_lsm::collections::StashEntry;

use super::compare::{Answer, Call};
use super::events;
use super::maps::{Map, Record, Side};
use downbeat::check::holds;
use downbeat::failure::Divergence;
use downbeat::model::cache_map::Reference;
use downbeat::model::cache_map::reference::{Facts, Known};

/// Checks that an answer is the designed one, also for an older value.
#[inline]
pub(super) fn answer(call: Call, side: Side, known: Known, got: Answer) -> Result<(), Divergence> {
    let is_right = match (known, got) {
        (Known::Value(stamp), Answer::Value(record)) => record.stamp == stamp,
        (Known::Removed, Answer::Removed) | (Known::Absent, Answer::Absent) => true,
        (Known::Removed, Answer::Absent) => call == Call::Get,
        _ => false,
    };
    let text = |known| match known {
        Known::Value(stamp) => format!("#{stamp}"),
        Known::Removed => "removed".to_owned(),
        Known::Absent => "absent".to_owned(),
    };
    holds("answer-is-as-designed", is_right)
        .show(|| (text(known), got.text()))
        .state(|| side.state())
        .or("the map keeps or loses an older value, unlike the design")
}

/// Checks that the cache holds the right entries, each in its slot.
pub(super) fn slots(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let got = || map.slots().map(|record| (record.key, record.stamp));
    let text = |slots: &mut dyn Iterator<Item = (u64, u64)>| {
        let slots: Vec<String> = slots.map(|(key, stamp)| format!("{key:#x} #{stamp}")).collect();
        format!("[{}]", slots.join(", "))
    };
    holds("cache-is-as-designed", got().eq(reference.slots()))
        .show(|| (text(&mut reference.slots()), text(&mut got())))
        .state(|| side.state())
        .or("the entries of the cache or their slots differ from the design")
}

/// Checks that the stash holds the right entries.
pub(super) fn stash(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let is_right = |entry: StashEntry<'_, Record>| match entry {
        StashEntry::Live(record) => reference.stashed(record.key) == Some(Some(record.stamp)),
        StashEntry::Removed(key) => reference.stashed(key) == Some(None),
    };
    let got = || {
        map.stash().map(|entry| match entry {
            StashEntry::Live(record) => (record.key, Some(record.stamp)),
            StashEntry::Removed(key) => (key, None),
        })
    };
    let text = |mut entries: Vec<(u64, Option<u64>)>| {
        entries.sort_unstable();
        let texts = entries.iter().map(|(key, stamp)| match stamp {
            Some(stamp) => format!("{key:#x} #{stamp}"),
            None => format!("{key:#x} removed"),
        });
        format!("[{}]", texts.collect::<Vec<_>>().join(", "))
    };
    let is_same = map.stash_len() == reference.stash_len() && map.stash().all(is_right);
    holds("stash-is-as-designed", is_same)
        .show(|| (text(reference.stash().collect()), text(got().collect())))
        .state(|| side.state())
        .or("the entries of the stash differ from the design")
}

/// Checks each statistic.
pub(super) fn statistics(map: &Map, side: Side, reference: &Reference) -> Result<(), Divergence> {
    let got: Facts = *events::facts(map.statistics()).counts();
    for (fact, (expected, got)) in reference.facts().iter().zip(got).enumerate() {
        holds("statistics-count-what-happened", got == *expected)
            .show(|| (format!("{expected} of \"{}\"", events::NAMES[fact]), got))
            .state(|| side.state())
            .or("a statistic does not count how often its event happened")?;
    }
    Ok(())
}
