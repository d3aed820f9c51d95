//! The interface between a store and the target that uses it, the host. The shared code runs beats
//! and recovery, and calls the methods of the trait. The host checks the contents of the store.

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::{TreeSet, Trees};

use super::TestedStore;
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};

/// Something that happens to a store, for hosts that count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A beat ended with a checkpoint.
    Checkpoint,
    /// A checkpoint was announced early.
    Early,
    /// A bar ended.
    Bar,
    /// A beat failed because a tree or the device is full.
    Full,
    /// A beat failed, and the disk explains it.
    BeatFailed,
    /// A read failed, and the disk explains it.
    ReadFailed,
    /// The cache of blocks was dropped.
    CacheDropped,
    /// The store is opened again.
    Reopened,
    /// Power was lost.
    Crash,
    /// Power was lost in this phase: between beats (0), in a beat (1), in a beat with a checkpoint
    /// (2), while the superblock was written (3), or while the store was opened (4).
    CrashIn(usize),
    /// Power was lost after this many I/Os of a checkpoint, counted from its flush, less one.
    CheckpointAtCrash(usize),
    /// The store opened at the last checkpoint, while another was under way.
    OpenedLast,
    /// The store opened at the checkpoint that was under way.
    OpenedUnderWay,
    /// The store is opened by a new object.
    OpenedAnew,
    /// An opening failed, and is tried again.
    OpeningFailed,
    /// The store was lost, and is formatted again.
    FormattedAnew,
}

/// Counts a moment as an event or a state of the target. `Event`, `FaultEvent` and `states` are
/// those of the module that uses the macro, and have the names of the moments.
macro_rules! count_moment {
    ($moment:expr, $run:expr) => {{
        use $crate::store::Moment;
        match $moment {
            Moment::Checkpoint => Event::Checkpoint.count($run),
            Moment::Early => Event::Early.count($run),
            Moment::Bar => Event::Bar.count($run),
            Moment::Full => Event::Full.count($run),
            Moment::BeatFailed => FaultEvent::BeatFailed.count($run),
            Moment::ReadFailed => FaultEvent::ReadFailed.count($run),
            Moment::CacheDropped => Event::CacheDropped.count($run),
            Moment::Reopened => Event::Reopened.count($run),
            Moment::Crash => FaultEvent::Crash.count($run),
            Moment::CrashIn(phase) => $run.state(states::CrashIn, phase),
            Moment::CheckpointAtCrash(ios) => $run.state(states::CheckpointAtCrash, ios),
            Moment::OpenedLast => FaultEvent::OpenedLast.count($run),
            Moment::OpenedUnderWay => FaultEvent::OpenedUnderWay.count($run),
            Moment::OpenedAnew => FaultEvent::OpenedAnew.count($run),
            Moment::OpeningFailed => FaultEvent::OpeningFailed.count($run),
            Moment::FormattedAnew => FaultEvent::FormattedAnew.count($run),
        }
    }};
}

pub(crate) use count_moment;

/// A target on a store.
pub(crate) trait Host {
    /// The trees of the store.
    type Trees: TreeSet<Options: PartialEq> + Trees<SimulatedDisk>;

    /// The store.
    fn store(&self) -> &TestedStore<Self::Trees>;

    /// The store, mutably.
    fn store_mut(&mut self) -> &mut TestedStore<Self::Trees>;

    /// Called before a beat begins. Closes an open scope.
    fn before_beat(&mut self, run: &mut Run);

    /// The share of the work that the next beat does.
    fn pace(&self) -> CompactionPace {
        CompactionPace::EVEN
    }

    /// Called when a beat has ended, before its checkpoint is checked.
    fn beat(&mut self, pace: CompactionPace);

    /// Called when a checkpoint was requested.
    fn wanted(&mut self) {}

    /// Called when a checkpoint holds the beats up to this one, inclusive.
    fn checkpoint(&mut self, beat: u64);

    /// Whether the last checkpoint holds everything that was written.
    fn is_durable(&self) -> bool;

    /// Called at the end of a half-bar.
    fn half_bar_ended(&mut self, _run: &mut Run) {}

    /// Called at the end of a bar, after the checks of the store.
    fn bar_ended(&mut self, _at_checkpoint: bool, _run: &mut Run) -> Checked {
        Ok(())
    }

    /// Compares the whole content of the store with the model, as far as power is on.
    fn compare_all(&mut self, run: &mut Run) -> Checked;

    /// Called before the process ends and loses its memory.
    fn process_ends(&mut self, run: &mut Run);

    /// Called when the store is open again, at the acknowledged checkpoint. `crashed` says whether
    /// power was lost.
    fn reopened(&mut self, crashed: bool, run: &mut Run) -> Checked;

    /// Called when the store is lost, before it is formatted again.
    fn lost(&mut self);

    /// Called when something happens to the store.
    fn happens(&mut self, moment: Moment, run: &mut Run);
}
