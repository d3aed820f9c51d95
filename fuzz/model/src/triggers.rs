//! The beats at which checkpoints are due, computed without the store.
//!
//! - A checkpoint is taken at the last beat of a bar. It contains the beats up to the end of the
//!   bar before that one.
//! - The next checkpoint is taken a fixed number of bars after the last one. A request adds a
//!   checkpoint at the earliest beat at which the checkpoint contains the requested beat.
//! - If room runs low, the store takes a checkpoint earlier, and says so before the last beat of
//!   the bar. The caller says it to the model.
//! - After the store is reopened, the caller repeats the bar after the last checkpoint. The next
//!   checkpoint is due as if that checkpoint had been taken at the end of this bar.

use std::collections::BTreeSet;

/// Which beat takes the next checkpoint.
#[derive(Clone, Debug)]
pub struct Triggers {
    /// Beats of a bar.
    bar: u64,
    /// Beats from the last checkpoint to the next.
    interval: u64,
    /// Beats from each later checkpoint to the one after it.
    interval_later: u64,
    /// The beat of the last checkpoint, or the last beat of the first bar.
    last: u64,
    /// The beats of checkpoints that were requested and not taken yet.
    wanted: BTreeSet<u64>,
    /// The beats of checkpoints that the store takes early.
    early: BTreeSet<u64>,
    /// A beat that the store must not say to take a checkpoint early.
    wrong: Option<u64>,
}

impl Triggers {
    /// The triggers of a newly formatted store with `bar` beats a bar and `interval` bars between
    /// checkpoints.
    #[must_use]
    pub fn new(bar: u64, interval: u64) -> Self {
        Self {
            bar,
            interval: interval * bar,
            interval_later: interval * bar,
            last: bar - 1,
            wanted: BTreeSet::new(),
            early: BTreeSet::new(),
            wrong: None,
        }
    }

    /// Notes that the store is reopened at a checkpoint that contains the beats up to `held`,
    /// inclusive. `held` is 0 if there was no checkpoint.
    pub fn reopen(&mut self, held: u64) {
        self.last = if held == 0 { self.bar - 1 } else { held + self.bar };
        self.wanted.clear();
        self.early.clear();
        self.wrong = None;
    }

    /// Changes the number of bars to the next checkpoint, and between later ones. Called after
    /// [`Triggers::reopen`] for a store that is opened with another interval than that of its last
    /// checkpoint.
    pub fn change_interval(&mut self, next: u64, later: u64) {
        self.interval = next * self.bar;
        self.interval_later = later * self.bar;
    }

    /// Asks for a checkpoint that contains all beats up to this one, inclusive. Returns the beat at
    /// which the checkpoint is taken.
    pub fn want(&mut self, beat: u64) -> u64 {
        let end_of_bar = beat + (self.bar - 1 - beat % self.bar);
        let trigger = end_of_bar + self.bar;
        self.wanted.insert(trigger);
        trigger
    }

    /// Notes that the store says that it takes a checkpoint early, at the end of this beat.
    pub fn hasten(&mut self, beat: u64) {
        if !(beat + 1).is_multiple_of(self.bar) {
            self.wrong.get_or_insert(beat);
        }
        if beat > self.last {
            self.early.insert(beat);
        }
    }

    /// The first beat of which the store says that it takes a checkpoint early, although the beat
    /// does not end a bar, or takes a checkpoint anyway.
    #[must_use]
    pub fn wrongly_hastened(&self) -> Option<u64> {
        self.wrong
    }

    /// Ends a beat. If a checkpoint is taken at this beat, returns the last beat that the
    /// checkpoint contains.
    pub fn beat(&mut self, beat: u64) -> Option<u64> {
        let is_wanted = self.wanted.remove(&beat);
        let is_early = self.early.remove(&beat);
        let is_due = is_wanted || beat == self.last + self.interval;
        if is_early && is_due {
            self.wrong.get_or_insert(beat);
        }
        if is_due || is_early {
            self.last = beat;
            self.interval = self.interval_later;
        }
        (is_due || is_early).then(|| beat - self.bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_are_taken_at_the_interval_and_on_request() {
        let mut triggers = Triggers::new(4, 2);
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for beat in 1..32 {
            if beat == 14 {
                assert_eq!((triggers.want(beat), triggers.want(beat + 2)), (19, 23));
            }
            taken.extend(triggers.beat(beat).map(|held| (beat, held)));
        }
        assert_eq!(taken, [(11, 7), (19, 15), (23, 19), (31, 27)]);
        for early in [31, 35] {
            triggers.hasten(early);
        }
        let taken: Vec<_> = (32..48).filter_map(|beat| triggers.beat(beat)).collect();
        assert_eq!((taken, triggers.wrongly_hastened()), (vec![31, 39], None));
        let mut due_anyway = triggers.clone();
        due_anyway.hasten(51);
        assert_eq!((due_anyway.beat(51), due_anyway.wrongly_hastened()), (Some(47), Some(51)));
        triggers.hasten(50);
        assert_eq!(triggers.wrongly_hastened(), Some(50));
        triggers.reopen(23);
        let mut changed = triggers.clone();
        changed.change_interval(1, 3);
        let taken: Vec<_> = (28..60).filter_map(|beat| changed.beat(beat)).collect();
        assert_eq!(taken, [27, 39, 51]);
        assert_eq!(triggers.want(24), 31);
        assert_eq!((28..36).find_map(|beat| triggers.beat(beat)), Some(27));
    }
}
