//! Checks a whole map. It must have every entry that the model requires, and none that contradicts
//! the model, and each entry must be where the design puts it.

use downbeat_lsm::collections::StashEntry;

use super::compare::{self, Answer, Call};
use super::events;
use super::tested::{Record, Side, Tested};
use downbeat::check::holds;
use downbeat::{Checked, Run};
use downbeat_model::cache_map::{Expected, Model};

impl Tested {
    /// Checks the map against the model and the reference, and adds its entries to the results of
    /// the run.
    pub(super) fn check_whole(&mut self, model: &Model, run: &mut Run) -> Checked {
        // The map's own entries are checked first, because lookups of the model's keys change the
        // statistics, and which entries the cache would evict.
        events::harvest(&self.map, self.side, run);
        for record in self.map.slots() {
            self.live(record, "cache", model)?;
        }
        self.stash_in_model(model)?;
        self.check_statistics()?;
        self.check_slots()?;
        self.check_stash()?;
        self.check_scope(model)?;
        self.map.check();
        let slots = self.map.slots().map(StashEntry::Live);
        for entry in slots.chain(self.map.stash()) {
            match entry {
                StashEntry::Live(record) => {
                    run.result(record.key);
                    run.result(record.stamp);
                }
                StashEntry::Removed(key) => run.result(!key),
            }
        }
        self.model_in_map(model)
    }

    /// Checks that lookups of all keys of the model return allowed answers.
    fn model_in_map(&mut self, model: &Model) -> Checked {
        let wrong = model.keys().filter_map(|key| {
            let got = Answer::of_lookup(self.map.lookup(key));
            let checked = compare::answer(Call::Sweep, self.side, key, model.expected(key), got);
            checked.err().map(|divergence| (key, divergence))
        });
        // The model's keys have no fixed order, so the report names the smallest wrong one.
        let smallest = wrong.min_by_key(|(key, _)| *key);
        smallest.map_or(Ok(()), |(_, divergence)| Err(divergence))
    }

    /// Checks that the model agrees with each entry of the stash.
    pub(super) fn stash_in_model(&self, model: &Model) -> Checked {
        for entry in self.map.stash() {
            match entry {
                StashEntry::Live(record) => self.live(record, "stash", model)?,
                StashEntry::Removed(key) => {
                    let is_right = model.expected(key) == Expected::Removed;
                    self.held(is_right, key, || "a tombstone in the stash".to_owned(), model)?;
                }
            }
        }
        Ok(())
    }

    /// Checks that the model allows this value in the map.
    fn live(&self, record: &Record, place: &str, model: &Model) -> Checked {
        let is_right = match model.expected(record.key) {
            Expected::Value(stamp) | Expected::ValueOrAbsent(stamp) => stamp == record.stamp,
            Expected::Removed | Expected::Absent => false,
        };
        let got = || format!("value #{} in the {place}", record.stamp);
        self.held(is_right, record.key, got, model)
    }

    /// Checks an entry of the map. `right` says whether the model allows the entry.
    fn held(&self, right: bool, key: u64, got: impl FnOnce() -> String, model: &Model) -> Checked {
        holds("map-is-in-model", right)
            .show(|| (format!("{} for {key:#x}", model.expected(key)), got()))
            .state(|| self.side.state())
            .or("the map holds a value that the model does not hold")
    }

    /// Describes the content of the map, for a report.
    pub(super) fn describe(&self) -> Vec<String> {
        let Tested { side, map, .. } = self;
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
        if *side == Side::WithCache {
            lines.insert(0, format!("{}: cache: {slots}", side.name()));
        }
        if map.scope_is_open() {
            lines.push(format!("{}: a scope of {} writes is open", side.name(), map.scope_len()));
        }
        lines
    }
}
