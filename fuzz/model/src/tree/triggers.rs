//! At which beats checkpoints are taken, by the book.
//!
//! - A checkpoint comes at the last beat of a bar, so many bars after the last one, or as soon as it holds what
//!   somebody asked for. It holds what was there a bar before.
//! - After an opening, the bar behind the checkpoint comes again, and counts as compacted.
//!
//! What this does not do: it takes none.

use std::collections::BTreeSet;

/// When the next checkpoint comes.
#[derive(Clone, Debug)]
pub struct Triggers {
    /// Beats of a bar.
    bar: u64,
    /// Beats from one checkpoint to the next.
    interval: u64,
    last: u64,
    /// Those that were asked for, and did not come yet.
    wanted: BTreeSet<u64>,
}

impl Triggers {
    /// Those of a store that was just formatted, of so many beats a bar, and so many bars from one checkpoint to the
    /// next.
    #[must_use]
    pub fn new(bar: u64, interval: u64) -> Self {
        Self { bar, interval: interval * bar, last: bar - 1, wanted: BTreeSet::new() }
    }

    /// The store is opened again at a checkpoint that holds the beats up to this one; 0: at none.
    pub fn reopen(&mut self, held: u64) {
        self.last = if held == 0 { self.bar - 1 } else { held + self.bar };
        self.wanted.clear();
    }

    /// Somebody asks for all that there is before the end of this beat. Returns the beat of the checkpoint that has
    /// it.
    pub fn want(&mut self, beat: u64) -> u64 {
        let end_of_bar = beat + (self.bar - 1 - beat % self.bar);
        let trigger = end_of_bar + self.bar;
        self.wanted.insert(trigger);
        trigger
    }

    /// This beat ends. Returns what the checkpoint holds that is taken at it, if there is to be one.
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
    fn checkpoints_come_by_the_interval_and_when_asked_for() {
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
