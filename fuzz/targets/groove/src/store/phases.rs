//! The phase of a store of several trees before an operation.

use downbeat_lsm::forest::{TreeSet, Trees};

use super::TestedStore;
use downbeat::Phase;
use downbeat::disk::SimulatedDisk;
use downbeat_storage_targets::store::phases;

downbeat::states! {
    Open "what is open: each of three things that the target has" 8,
    InBar "the next beat in its bar" phases::IN_BAR,
    UntilCheckpoint "the next checkpoint: in this bar, in the next, later; none" phases::UNTIL_CHECKPOINT,
    NextFault "the next fault that is armed" phases::FAULTS,
}

/// The questions about the phase.
pub(crate) const PHASES: &[downbeat::StateGroup] = GROUPS;

impl<T: TreeSet<Options: PartialEq> + Trees<SimulatedDisk>> TestedStore<T> {
    /// Answers the questions. `open` says what is open.
    pub(crate) fn phase_now(&self, open: [bool; 3], phase: &mut Phase) {
        phase.mark_all(Open, open);
        let (beat, checkpoint) = (self.next_beat(), self.forest.next_checkpoint());
        let is_read_only = self.forest.failed().is_some();
        phase.mark(InBar, phases::in_bar(beat, self.bar, self.left.is_some()));
        let until = phases::until_checkpoint(beat, checkpoint, self.bar, is_read_only);
        phase.mark(UntilCheckpoint, until);
        let loses_power = self.faults.at_checkpoint.is_some();
        phase.mark(NextFault, phases::next_fault(self.forest.grid().storage(), loses_power));
    }
}
