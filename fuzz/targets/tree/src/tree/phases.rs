//! The phase of a tree before an operation: what is open, where the beats are, what is armed, and
//! where the key of the operation is.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, Visibility};

use super::tested::Tested;
use downbeat::Phase;
use downbeat::records::Versioned;
use downbeat_storage_targets::store::phases;

/// The places of a key: the mutable table, the immutable one, seven levels, none.
const PLACES: usize = 10;

/// The levels of a tree, and none.
const LEVELS: usize = 8;

downbeat::states! {
    Open "what is open: a lookup, a scan, a scope, or several" 8,
    InBar "the next beat in its bar" phases::IN_BAR,
    UntilCheckpoint "the next checkpoint: in this bar, in the next, later; none" phases::UNTIL_CHECKPOINT,
    NextFault "the next fault that is armed" phases::FAULTS,
    Newest "the key has a record or none; the first place that may have a version of it" 2 * PLACES,
    Levels "the two highest levels whose tables may have the key" LEVELS * (LEVELS + 1) / 2,
}

impl<R: Versioned> Tested<R> {
    /// Answers the questions before an operation on `key`.
    pub(crate) fn phase_now(&self, key: Option<u64>, phase: &mut Phase) {
        let open = [
            !self.lookups.is_empty(),
            self.scans.iter().any(Option::is_some),
            self.model.scope_is_open(),
        ];
        phase.mark_all(Open, open);
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        let (beat, checkpoint) = (self.next_beat(), self.store.next_checkpoint());
        let is_read_only = self.store.failed().is_some();
        phase.mark(InBar, phases::in_bar(beat, bar, self.under_way.is_some()));
        let until = phases::until_checkpoint(beat, checkpoint, bar, is_read_only);
        phase.mark(UntilCheckpoint, until);
        let loses_power = self.faults.at_checkpoint.is_some();
        phase.mark(NextFault, phases::next_fault(self.store.grid().storage(), loses_power));
        let Some(key) = key else { return };
        let [first, second] = self.levels_with(R::wide(key));
        phase.mark(Levels, second * (second + 1) / 2 + first);
        let tree = self.store.tree();
        let place = if tree.mutable().get(R::wide(key)).is_some() {
            0
        } else if tree.immutable().get(R::wide(key)).is_some() {
            1
        } else {
            2 + first
        };
        phase.mark(Newest, PLACES * usize::from(self.model.get(key).is_some()) + place);
    }

    /// The two highest levels with a table whose range has the key.
    fn levels_with(&self, key: R::Key) -> [usize; 2] {
        let range = KeyRange { min: key, max: key };
        let levels = self.store.tree().manifest().levels().iter().enumerate();
        let mut found = levels.filter_map(|(number, level)| {
            let mut tables = level.tables(Visibility::Any, Direction::Ascending, Some(range));
            tables.next().map(|_| number)
        });
        [(); 2].map(|()| found.next().unwrap_or(LEVELS - 1))
    }
}
