//! When checkpoints are taken, and what they hold.
//!
//! ```text
//! bar          |  0  |  1  |  2  |  3  |  4  |                 a checkpoint every 2 bars
//! trigger                  T           T                       the last beat of a bar
//! holds        <-----C           C                             all beats up to C: the bar before the trigger's
//! ```
//!
//! - The bar of the trigger is in memory alone: after a restart its beats come again, and find that compaction was
//!   done at them already.
//! - When the next checkpoint is, is known from the last one on. It can be moved forward, never back.
//! - Those that are asked for are all taken. Three can be pending, never more: the one of a beat under way, the end of
//!   the next bar, and that of the one after.
//!
//! What this does not do: it takes no checkpoint.

use crate::compaction::Bars;

/// When checkpoints are taken; see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triggers {
    bars: Bars,
    /// Bars between two of them, 1 or more.
    interval: u64,
    /// The last one: up to it, compaction was done.
    last: u64,
    /// The next one that is due by the interval.
    next: u64,
    /// Those that somebody asked for, in ascending order: they count once they are above the last one.
    wanted: [u64; 3],
}

impl Triggers {
    /// Those of a store whose last checkpoint holds the beats up to `beat`; 0, if it was just formatted.
    pub(super) fn new(bars: Bars, interval: u64, beat: u64) -> Self {
        assert!(interval > 0, "triggers: there must be a bar between two checkpoints");
        // In the first bar there is nothing to compact.
        let last = if beat == 0 {
            bars.beats_per_bar() - 1
        } else {
            assert!(bars.is_last_of_bar(beat), "triggers: a checkpoint holds whole bars ({beat})");
            beat + bars.beats_per_bar()
        };
        Self { bars, interval, last, next: last + interval * bars.beats_per_bar(), wanted: [0; 3] }
    }

    /// Whether compaction was done at this beat before the store was opened, or there is none at it.
    pub(super) fn is_replayed(&self, beat: u64) -> bool {
        beat <= self.last
    }

    /// The next trigger.
    pub(super) fn next(&self) -> u64 {
        // One that the interval asks for may come before, and then another.
        let wanted = self.wanted.iter().find(|wanted| **wanted > self.last);
        wanted.map_or(self.next, |wanted| self.next.min(*wanted))
    }

    /// The beats that a checkpoint at this trigger holds.
    pub(super) fn held_at(&self, trigger: u64) -> u64 {
        trigger - self.bars.beats_per_bar()
    }

    /// Asks for a checkpoint that holds this beat, which is to come, or an earlier one that is in memory. Returns
    /// its trigger.
    pub(super) fn want(&mut self, beat: u64) -> u64 {
        let trigger = self.bars.last_of_bar(beat) + self.bars.beats_per_bar();
        let [oldest, older, latest] = self.wanted;
        assert!(trigger >= latest, "triggers: beats are asked for in order ({trigger}, {latest})");
        if trigger > latest {
            assert!(oldest <= self.last, "triggers: none that is wanted is dropped ({oldest})");
            self.wanted = [older, latest, trigger];
        }
        trigger
    }

    /// The checkpoint at this trigger was taken.
    pub(super) fn taken(&mut self, trigger: u64) {
        assert!(
            trigger == self.next(),
            "triggers: a checkpoint is taken at its trigger ({trigger}, {})",
            self.next(),
        );
        self.last = trigger;
        self.next = trigger + self.interval * self.bars.beats_per_bar();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_hold_the_bar_before_their_trigger() {
        let mut triggers = Triggers::new(Bars::new(4), 2, 0);
        assert_eq!(triggers.next(), 11);
        assert_eq!(triggers.held_at(11), 7);
        triggers.taken(11);
        assert_eq!(triggers.next(), 19);
        assert_eq!(Triggers::new(Bars::new(4), 2, 7), triggers);
    }

    #[test]
    fn a_checkpoint_that_is_wanted_holds_the_beat_and_comes_as_soon_as_can_be() {
        let mut triggers = Triggers::new(Bars::new(4), 10, 0);
        assert_eq!(triggers.want(9), 15);
        assert_eq!(triggers.next(), 15);
        triggers.taken(15);
        assert_eq!(triggers.next(), 55);
    }

    #[test]
    fn one_that_is_wanted_in_the_next_bar_leaves_the_one_before_as_it_is() {
        let mut triggers = Triggers::new(Bars::new(4), 10, 0);
        assert_eq!((triggers.want(9), triggers.want(11)), (15, 15));
        assert_eq!((triggers.want(12), triggers.want(15)), (19, 19));
        assert_eq!(triggers.next(), 15);
        triggers.taken(15);
        assert_eq!((triggers.next(), triggers.want(16)), (19, 23));
        triggers.taken(19);
        assert_eq!(triggers.next(), 23);
        triggers.taken(23);
        assert_eq!(triggers.next(), 63);
    }

    #[test]
    fn one_that_is_due_comes_before_one_that_is_wanted() {
        let mut triggers = Triggers::new(Bars::new(4), 1, 0);
        assert_eq!((triggers.next(), triggers.want(7)), (7, 11));
        assert_eq!(triggers.next(), 7);
        triggers.taken(7);
        assert_eq!(triggers.next(), 11);
        triggers.taken(11);
        assert_eq!(triggers.next(), 15);
    }

    #[test]
    fn beats_of_the_first_bar_and_those_that_a_checkpoint_saw_are_not_compacted() {
        let triggers = Triggers::new(Bars::new(4), 3, 0);
        assert!(triggers.is_replayed(3) && !triggers.is_replayed(4));
        let triggers = Triggers::new(Bars::new(4), 3, 11);
        assert!(triggers.is_replayed(15) && !triggers.is_replayed(16));
    }
}
