//! Compares a whole map: it holds everything that the model holds, nothing that contradicts the
//! model, and each entry lies where the design puts it.

use downbeat_lsm::collections::StashEntry;

use super::compare::{self, Answer, Call};
use super::maps::{Map, Record, Side};
use super::{events, exact};
use downbeat::check::holds;
use downbeat::failure::Divergence;
use downbeat::model::cache_map::{Expected, Model, Reference};
use downbeat::run::Run;

/// Checks a map against its model and its reference, and reports the entries as results.
pub(super) fn whole(
    map: &mut Map,
    side: Side,
    model: &Model,
    reference: &Reference,
    run: &mut Run,
) -> Result<(), Divergence> {
    // The map first: asking it for the model's keys moves its clocks and its statistics.
    events::harvest(map, side, run);
    map_in_model(map, side, model)?;
    exact::statistics(map, side, reference)?;
    exact::slots(map, side, reference)?;
    exact::stash(map, side, reference)?;
    compare::scope(map, side, model)?;
    map.check();
    for record in map.slots() {
        run.result(record.key);
        run.result(record.stamp);
    }
    for entry in map.stash() {
        match entry {
            StashEntry::Live(record) => {
                run.result(record.key);
                run.result(record.stamp);
            }
            StashEntry::Removed(key) => run.result(!key),
        }
    }
    model_in_map(map, side, model)
}

/// Checks that the map has everything that the model holds.
fn model_in_map(map: &mut Map, side: Side, model: &Model) -> Result<(), Divergence> {
    let mut wrong: Option<(u64, Divergence)> = None;
    for key in model.keys() {
        let got = Answer::of_lookup(map.lookup(key));
        if let Err(divergence) = compare::answer(Call::Sweep, side, key, model.expected(key), got) {
            // The model's keys come in no order; the report names the smallest.
            if wrong.as_ref().is_none_or(|(smallest, _)| key < *smallest) {
                wrong = Some((key, divergence));
            }
        }
    }
    wrong.map_or(Ok(()), |(_, divergence)| Err(divergence))
}

/// Checks that the model has everything that the map holds.
fn map_in_model(map: &Map, side: Side, model: &Model) -> Result<(), Divergence> {
    for record in map.slots() {
        live(record, "cache", side, model)?;
    }
    stash_in_model(map, side, model)
}

/// Checks that the model has everything that the stash holds.
pub(super) fn stash_in_model(map: &Map, side: Side, model: &Model) -> Result<(), Divergence> {
    for entry in map.stash() {
        match entry {
            StashEntry::Live(record) => live(record, "stash", side, model)?,
            StashEntry::Removed(key) => {
                let is_right = model.expected(key) == Expected::Removed;
                held(is_right, key, || "a tombstone in the stash".to_owned(), side, model)?;
            }
        }
    }
    Ok(())
}

/// Describes what a map holds, for a report.
pub(super) fn describe(map: &Map, side: Side) -> Vec<String> {
    let records = |records: Vec<String>| match records.len() {
        0 => "empty".to_owned(),
        1..=32 => records.join(", "),
        many => format!("{} and {} more", records[..32].join(", "), many - 32),
    };
    let text = |record: &Record| format!("{:#x} #{}", record.key, record.stamp);
    let slots = records(map.slots().map(text).collect());
    let stash = map.stash().map(|entry| match entry {
        StashEntry::Live(record) => text(record),
        StashEntry::Removed(key) => format!("{key:#x} removed"),
    });
    let stash = records(stash.collect());
    let mut lines = vec![format!("{}: stash: {stash}", side.name())];
    if side == Side::WithCache {
        lines.insert(0, format!("{}: cache: {slots}", side.name()));
    }
    if map.scope_is_open() {
        lines.push(format!("{}: a scope of {} writes is open", side.name(), map.scope_len()));
    }
    lines
}

/// Checks that a value in the map is the model's, or an older value that the model allows.
fn live(record: &Record, place: &str, side: Side, model: &Model) -> Result<(), Divergence> {
    let is_right = match model.expected(record.key) {
        Expected::Value(stamp) | Expected::ValueOrAbsent(stamp) => stamp == record.stamp,
        Expected::Removed | Expected::Absent => false,
    };
    let got = || format!("value #{} in the {place}", record.stamp);
    held(is_right, record.key, got, side, model)
}

/// Checks that an entry that the map holds is right.
fn held(
    is_right: bool,
    key: u64,
    got: impl FnOnce() -> String,
    side: Side,
    model: &Model,
) -> Result<(), Divergence> {
    holds("map-is-in-model", is_right)
        .show(|| (format!("{} for {key:#x}", model.expected(key)), got()))
        .state(|| side.state())
        .or("the map holds a value that the model does not hold")
}
