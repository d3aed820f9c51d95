//! Both spaces at the end of a run: all that the model holds is right in a map, and all that a map
//! holds is right by the model.

use downbeat_lsm::collections::StashEntry;

use super::compare::{self, Answer, Call};
use super::maps::{Map, Record, Side};
use crate::failure::Divergence;
use crate::model::cache_map::{Expected, Model};

/// Compares `map` with `model`, in both directions.
pub(super) fn both_ways(map: &mut Map, side: Side, model: &Model) -> Result<(), Divergence> {
    // The map first: asking it for the model's keys moves its clocks.
    map_in_model(map, side, model)?;
    map.check();
    for key in model.keys() {
        let got = Answer::of_lookup(map.lookup(key));
        compare::answer(Call::Sweep, side, key, model.expected(key), got)?;
    }
    Ok(())
}

fn map_in_model(map: &Map, side: Side, model: &Model) -> Result<(), Divergence> {
    for record in map.slots() {
        live(record, "cache", side, model)?;
    }
    for entry in map.stash() {
        match entry {
            StashEntry::Live(record) => live(record, "stash", side, model)?,
            StashEntry::Removed(key) => {
                if model.expected(key) != Expected::Removed {
                    return Err(stray("tombstone", key, "stash", side, model));
                }
            }
        }
    }
    Ok(())
}

/// A value that a map holds must be the model's, however old.
fn live(record: &Record, place: &str, side: Side, model: &Model) -> Result<(), Divergence> {
    match model.expected(record.key) {
        Expected::Value(stamp) | Expected::ValueOrAbsent(stamp) if stamp == record.stamp => Ok(()),
        _ => Err(stray(&format!("value #{}", record.stamp), record.key, place, side, model)),
    }
}

#[cold]
fn stray(got: &str, key: u64, place: &str, side: Side, model: &Model) -> Divergence {
    Divergence {
        check: "map-is-in-model",
        what: "at the end the map holds what the model does not",
        expected: format!("{} for {key:#x}", model.expected(key)),
        got: format!("{got} in the {place}"),
        state: vec![format!("the map {}", side.name())],
    }
}
