//! What is counted of a run: what the disk did, what the superblock counts, and what the world saw.

use downbeat_lsm::block::Reason;
use downbeat_lsm::superblock::{SuperblockError, SuperblockStatistics};

use downbeat::disk::{Counts, Outcome};
use downbeat::model::superblock::Opened;
use downbeat::run::Run;

/// Events behind those of the disk.
const OWN: [&str; 22] = [
    "checkpoint",
    "opening",
    "copy repaired",
    "copy written again",
    "copy that could not be read",
    "error: fault",
    "error: unverified",
    "error: quorum lost",
    "error: not formatted",
    "error: fork",
    "error: parent not connected",
    "checkpoint failed",
    "opening failed",
    "crash while opening",
    "crash while formatting",
    "crash tried on a copy",
    "opened as acknowledged",
    "opened as what was under way",
    "opened as an earlier one",
    "store lost",
    "step began a checkpoint",
    "acknowledged while a reported flush was not done",
];

const COUNT: usize = Outcome::NAMES.len() + OWN.len();

/// Every event, by number: those of the disk first.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        let disk = Outcome::NAMES.len();
        names[at] = if at < disk { Outcome::NAMES[at] } else { OWN[at - disk] };
        at += 1;
    }
    names
};

/// Events that are counted one by one, by place in [`OWN`].
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    Fault = 5,
    Unverified,
    QuorumLost,
    NotFormatted,
    Fork,
    ParentNotConnected,
    CheckpointFailed,
    OpeningFailed,
    CrashWhileOpening,
    CrashWhileFormatting,
    CrashTried,
    OpenedAcknowledged,
    OpenedUnderWay,
    OpenedEarlier,
    StoreLost,
    StepBegan,
    FlushOwed,
}

const _: () = assert!(OWN.len() == Event::FlushOwed as usize + 1);

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(Outcome::NAMES.len() + self as usize, 1);
    }

    /// The event of an error.
    pub(super) fn of(error: SuperblockError) -> Self {
        match error {
            SuperblockError::Fault(_) => Event::Fault,
            SuperblockError::Unverified => Event::Unverified,
            SuperblockError::Gone => unreachable!("superblock: a wait without end is a finding"),
            SuperblockError::Corruption(corruption) => match corruption.reason {
                Reason::QuorumLost => Event::QuorumLost,
                Reason::NotFormatted => Event::NotFormatted,
                Reason::Fork => Event::Fork,
                Reason::ParentNotConnected => Event::ParentNotConnected,
                other => unreachable!("superblock: nobody wrote what means that ({other:?})"),
            },
        }
    }

    pub(super) fn opened(opened: Opened) -> Self {
        match opened {
            Opened::Acknowledged => Event::OpenedAcknowledged,
            Opened::UnderWay => Event::OpenedUnderWay,
            Opened::Earlier => Event::OpenedEarlier,
        }
    }
}

/// Adds what a superblock counted to the sum of those before it.
pub(super) fn add(sum: &mut SuperblockStatistics, counted: &SuperblockStatistics) {
    let SuperblockStatistics { checkpoints, opens, repaired, rewritten, unreadable } = counted;
    sum.checkpoints += checkpoints;
    sum.opens += opens;
    sum.repaired += repaired;
    sum.rewritten += rewritten;
    sum.unreadable += unreadable;
}

/// Counts what a disk and its superblocks did.
pub(super) fn harvest(counts: &Counts, statistics: &SuperblockStatistics, run: &mut Run) {
    for (outcome, count) in counts.happened() {
        run.event(outcome as usize, count);
    }
    let SuperblockStatistics { checkpoints, opens, repaired, rewritten, unreadable } = *statistics;
    for (place, count) in
        [checkpoints, opens, repaired, rewritten, unreadable].into_iter().enumerate()
    {
        run.event(Outcome::NAMES.len() + place, count);
    }
}
