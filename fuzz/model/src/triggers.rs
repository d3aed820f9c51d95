//! The beats at which checkpoints are due, computed without the store.
//!
//! - A checkpoint is taken at the last beat of a bar. It contains the beats up to the end of the
//!   bar before that one.
//! - The next checkpoint is taken a fixed number of bars after the last one. A request adds a
//!   checkpoint at the earliest beat at which the checkpoint contains the requested beat.
//! - After the store is reopened, the caller repeats the bar after the last checkpoint. The next
//!   checkpoint is due as if that checkpoint had been taken at the end of this bar.

use std::collections::BTreeSet;

/// Which beat takes the next checkpoint.
#[derive(Clone, Debug)]
pub struct Triggers {
    /// Beats of a bar.
    bar: u64,
    /// Beats from one checkpoint to the next.
    interval: u64,
    /// The beat of the last checkpoint, or the last beat of the first bar.
    last: u64,
    /// The beats of checkpoints that were requested and not taken yet.
    wanted: BTreeSet<u64>,
}

impl Triggers {
    /// The triggers of a newly formatted store with `bar` beats a bar and `interval` bars between
    /// checkpoints.
    #[must_use]
    pub fn new(bar: u64, interval: u64) -> Self {
        Self { bar, interval: interval * bar, last: bar - 1, wanted: BTreeSet::new() }
    }

    /// Notes that the store is reopened at a checkpoint that contains the beats up to `held`,
    /// inclusive. `held` is 0 if there was no checkpoint.
    pub fn reopen(&mut self, held: u64) {
        self.last = if held == 0 { self.bar - 1 } else { held + self.bar };
        self.wanted.clear();
    }

    /// Asks for a checkpoint that contains all beats up to this one, inclusive. Returns the beat at
    /// which the checkpoint is taken.
    pub fn want(&mut self, beat: u64) -> u64 {
        let end_of_bar = beat + (self.bar - 1 - beat % self.bar);
        let trigger = end_of_bar + self.bar;
        self.wanted.insert(trigger);
        trigger
    }

    /// Ends a beat. If a checkpoint is taken at this beat, returns the last beat that the
    /// checkpoint contains.
    pub fn beat(&mut self, beat: u64) -> Option<u64> {
        let is_wanted = self.wanted.remove(&beat);
        let is_due = is_wanted || beat == self.last + self.interval;
        if is_due {
            self.last = beat;
        }
        is_due.then(|| beat - self.bar)
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
        triggers.reopen(23);
        assert_eq!(triggers.want(24), 31);
        assert_eq!((28..36).find_map(|beat| triggers.beat(beat)), Some(27));
    }
}
