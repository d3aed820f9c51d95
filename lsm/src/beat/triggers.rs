//! When checkpoints are taken, and which beats they contain.
//!
//! ```text
//! bar          |  0  |  1  |  2  |  3  |  4  |    a checkpoint every 2 bars
//! trigger                        T           T    the last beat of a bar
//! contents     <-----------C           C          all beats up to C, a bar before the trigger
//! ```
//!
//! - The records of the trigger's own bar are only in memory. After a restart the caller runs the
//!   beats of this bar again. Their compactions are part of the checkpoint and are not repeated.
//! - The next trigger is known as soon as a checkpoint is taken. It can be moved to an earlier
//!   beat, never to a later one: on request, or because room runs low.
//! - Every requested checkpoint is taken. At most three requested triggers are pending: the beat
//!   under way, and the last beats of the next two bars.

use crate::compaction::Bars;

/// When checkpoints are taken; see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triggers {
    bars: Bars,
    /// The last trigger, or the last beat of the first bar. Beats up to this one do not compact.
    last: u64,
    /// The next trigger according to the interval.
    next: u64,
    /// Requested triggers, ascending. Those up to `last` were taken.
    wanted: [u64; 3],
}

impl Triggers {
    /// Creates the triggers of a store whose last checkpoint contains the beats up to `beat`,
    /// inclusive. `beat` is 0 if the store was just formatted. `interval` is the number of bars
    /// from the last trigger to the next, 1 or more.
    pub(super) fn new(bars: Bars, interval: u64, beat: u64) -> Self {
        assert!(interval > 0, "triggers: the interval must be 1 bar or more");
        // In the first bar nothing is compacted.
        let last = if beat == 0 {
            bars.beats_per_bar() - 1
        } else {
            assert!(bars.is_last_of_bar(beat), "triggers: a checkpoint holds whole bars ({beat})");
            beat + bars.beats_per_bar()
        };
        Self { bars, last, next: last + interval * bars.beats_per_bar(), wanted: [0; 3] }
    }

    /// Returns whether this beat must not compact: it is in the first bar, or its compaction is
    /// part of the last checkpoint, so that the beat is only repeated.
    pub(super) fn has_no_compaction(&self, beat: u64) -> bool {
        beat <= self.last
    }

    /// Returns the next trigger.
    pub(super) fn next(&self) -> u64 {
        // The trigger of the interval may be earlier than a requested trigger. In this case both
        // checkpoints are taken.
        let wanted = self.wanted.iter().find(|wanted| **wanted > self.last);
        wanted.map_or(self.next, |wanted| self.next.min(*wanted))
    }

    /// Returns the last beat that a checkpoint at this trigger contains.
    pub(super) fn held_at(&self, trigger: u64) -> u64 {
        trigger - self.bars.beats_per_bar()
    }

    /// Requests a checkpoint that contains `beat` and all earlier beats. Returns the trigger of
    /// this checkpoint.
    pub(super) fn want(&mut self, beat: u64) -> u64 {
        let trigger = self.bars.last_of_bar(beat) + self.bars.beats_per_bar();
        let [oldest, older, latest] = self.wanted;
        assert!(trigger >= latest, "triggers: beats are requested in order ({trigger}, {latest})");
        if trigger > latest {
            assert!(
                oldest <= self.last,
                "triggers: a requested checkpoint must not be dropped ({oldest})"
            );
            self.wanted = [older, latest, trigger];
        }
        trigger
    }

    /// Moves the next trigger to this earlier beat, the last of a bar. Does nothing if a checkpoint
    /// is due there or before. Returns whether the trigger moved.
    pub(super) fn hasten(&mut self, trigger: u64) -> bool {
        let moves = trigger < self.next();
        if moves {
            self.next = trigger;
        }
        moves
    }

    /// Notes that the checkpoint at this trigger was taken. The next is due after `interval` bars.
    pub(super) fn taken(&mut self, trigger: u64, interval: u64) {
        assert!(interval > 0, "triggers: the interval must be 1 bar or more");
        assert!(
            trigger == self.next(),
            "triggers: a checkpoint is taken at its trigger ({trigger}, {})",
            self.next(),
        );
        self.last = trigger;
        self.next = trigger + interval * self.bars.beats_per_bar();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_contain_the_beats_up_to_the_bar_before_their_trigger() {
        let mut triggers = Triggers::new(Bars::new(4), 2, 0);
        assert_eq!(triggers.next(), 11);
        assert_eq!(triggers.held_at(11), 7);
        triggers.taken(11, 2);
        assert_eq!(triggers.next(), 19);
        assert_eq!(Triggers::new(Bars::new(4), 2, 7), triggers);
    }

    #[test]
    fn a_requested_checkpoint_contains_the_beat_and_is_taken_as_early_as_possible() {
        let mut triggers = Triggers::new(Bars::new(4), 10, 0);
        assert_eq!(triggers.want(9), 15);
        assert_eq!(triggers.next(), 15);
        triggers.taken(15, 10);
        assert_eq!(triggers.next(), 55);
    }

    #[test]
    fn a_request_in_the_next_bar_does_not_move_the_request_before_it() {
        let mut triggers = Triggers::new(Bars::new(4), 10, 0);
        assert_eq!((triggers.want(9), triggers.want(11)), (15, 15));
        assert_eq!((triggers.want(12), triggers.want(15)), (19, 19));
        assert_eq!(triggers.next(), 15);
        triggers.taken(15, 10);
        assert_eq!((triggers.next(), triggers.want(16)), (19, 23));
        triggers.taken(19, 10);
        assert_eq!(triggers.next(), 23);
        triggers.taken(23, 10);
        assert_eq!(triggers.next(), 63);
    }

    #[test]
    fn a_checkpoint_of_the_interval_comes_before_a_checkpoint_requested_for_later() {
        let mut triggers = Triggers::new(Bars::new(4), 1, 0);
        assert_eq!((triggers.next(), triggers.want(7)), (7, 11));
        assert_eq!(triggers.next(), 7);
        triggers.taken(7, 1);
        assert_eq!(triggers.next(), 11);
        triggers.taken(11, 1);
        assert_eq!(triggers.next(), 15);
    }

    #[test]
    fn a_hastened_checkpoint_is_followed_by_the_interval_and_keeps_the_requests() {
        let mut triggers = Triggers::new(Bars::new(4), 10, 0);
        assert_eq!(triggers.want(9), 15);
        assert!(triggers.hasten(11) && !triggers.hasten(11) && !triggers.hasten(15));
        assert_eq!(triggers.next(), 11);
        triggers.taken(11, 10);
        assert_eq!(triggers.next(), 15);
        triggers.taken(15, 10);
        assert_eq!(triggers.next(), 55);
    }

    #[test]
    fn beats_of_the_first_bar_and_of_the_last_checkpoint_are_not_compacted_again() {
        let triggers = Triggers::new(Bars::new(4), 3, 0);
        assert!(triggers.has_no_compaction(3) && !triggers.has_no_compaction(4));
        let triggers = Triggers::new(Bars::new(4), 3, 11);
        assert!(triggers.has_no_compaction(15) && !triggers.has_no_compaction(16));
    }
}
