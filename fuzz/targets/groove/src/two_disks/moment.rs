//! What happens to a service, for targets that count it.

use super::clock::LastIo;

/// Something that happens to a service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// A beat took a checkpoint.
    Checkpoint,
    /// Checkpoints were announced early.
    Early,
    /// A fault of the machine's disk made a call fail.
    MachineFailed,
    /// A fault of the log's disk made a call fail.
    LogFailed,
    /// Power was lost after this I/O, in this phase of the [`Course`](super::Course).
    Crash(LastIo, usize),
    Killed,
    OpenedAnew,
    /// The service opened at a checkpoint that was not acknowledged.
    OpenedUnderWay,
    /// Several reads of a disk failed in one attempt to open the service.
    ReadsFailed,
    /// The service opened, and executed this many requests after its checkpoint. The other number
    /// is the part of the log's room that they take, in eighths.
    Replayed(u64, u64),
    /// Requests survived that were not acknowledged.
    SomeSurvived,
    /// Requests were lost that were not acknowledged.
    TailCut,
}

/// Counts a moment as an event or a state of the target. `Event`, `FaultEvent` and `states` are
/// those of the module that uses the macro, and have the names of the moments.
macro_rules! count_moment {
    ($moment:expr, $run:expr) => {{
        use $crate::two_disks::Moment;
        match $moment {
            Moment::Checkpoint => Event::Checkpoint.count($run),
            Moment::Early => Event::Early.count($run),
            Moment::MachineFailed => FaultEvent::MachineFailed.count($run),
            Moment::LogFailed => FaultEvent::LogFailed.count($run),
            Moment::Crash(after, phase) => {
                FaultEvent::Crash.count($run);
                $run.state(states::CrashAfter, after.number());
                $run.state(states::CrashIn, phase);
            }
            Moment::Killed => FaultEvent::Killed.count($run),
            Moment::OpenedAnew => FaultEvent::OpenedAnew.count($run),
            Moment::OpenedUnderWay => FaultEvent::OpenedUnderWay.count($run),
            Moment::ReadsFailed => FaultEvent::ReadsFailed.count($run),
            Moment::Replayed(requests, eighths) => {
                $run.state(states::Replay, downbeat::states::octave(requests));
                $run.state(states::Room, eighths as usize);
            }
            Moment::SomeSurvived => Event::SomeSurvived.count($run),
            Moment::TailCut => Event::TailCut.count($run),
        }
    }};
}

pub(crate) use count_moment;
