//! The phase of a service on two disks before an operation.

use super::TwoDisks;
use downbeat::states::octave;
use downbeat::{Phase, StateGroup};
use downbeat_storage_targets::store::phases;

downbeat::states! {
    InBar "the next beat in its bar" phases::IN_BAR,
    Logged "requests that are in no checkpoint, by octave" 8,
    OfMachine "the next fault that is armed on the machine's disk" phases::FAULTS,
    OfLog "the next fault that is armed on the log's disk" phases::FAULTS,
    Failed "the service failed" 2,
}

/// The questions about the phase.
pub(crate) const PHASES: &[StateGroup] = GROUPS;

/// Answers the questions.
pub(crate) fn phase_now(host: &impl TwoDisks, phase: &mut Phase) {
    let course = host.course();
    let progress = &course.progress;
    let loses_power = course.clock.armed() > 0;
    phase.mark(InBar, phases::in_bar(progress.beats() + 1, progress.bar(), false));
    phase.mark(Logged, octave(host.given().0.saturating_sub(progress.held())));
    phase.mark(OfMachine, phases::next_fault(host.machine_disk(), loses_power));
    phase.mark(OfLog, phases::next_fault(host.log_disk(), loses_power));
    phase.mark(Failed, usize::from(course.has_failed()));
}
