//! Events of a run: what the disk does, what the superblock counts, and what the world does.

use downbeat_lsm::block::Reason;
use downbeat_lsm::superblock::{SuperblockError, SuperblockStatistics};

use downbeat::disk::{Counts, Outcome};
use downbeat_model::superblock::Opened;

downbeat::events! {
    /// What the disk did.
    pub(super) fn disk(counts: &Counts) for outcome in Outcome::ALL {
        Outcome::NAMES[outcome as usize] => counts.of(outcome)
    }

    /// What a superblock has counted since it was last reset.
    pub(super) fn superblock(SuperblockStatistics) {
        "checkpoint" => checkpoints,
        "opening" => opens,
        "copy repaired" => repaired,
        "copy written again" => rewritten,
        "copy that could not be read" => unreadable,
    }

    /// What the world counts.
    pub(super) enum Event {
        Fault "error: fault",
        Unverified "error: unverified",
        QuorumLost "error: quorum lost",
        NotFormatted "error: not formatted",
        Fork "error: fork",
        ParentNotConnected "error: parent not connected",
        CheckpointFailed "checkpoint failed",
        OpeningFailed "opening failed",
        CrashWhileOpening "crash while opening",
        CrashWhileFormatting "crash while formatting",
        CrashTried "crash tried on a copy",
        OpenedAcknowledged "opened as acknowledged",
        OpenedUnderWay "opened with the state under way",
        OpenedEarlier "opened as an earlier state",
        StoreLost "store lost",
        StepBegan "step began a checkpoint",
        FlushOwed "superblock acknowledged although a reported flush was not done",
    }
}

impl Event {
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
                other => unreachable!("superblock: no write leads to this corruption ({other:?})"),
            },
        }
    }

    /// The event of an opening.
    pub(super) fn opened(opened: Opened) -> Self {
        match opened {
            Opened::Acknowledged => Event::OpenedAcknowledged,
            Opened::UnderWay => Event::OpenedUnderWay,
            Opened::Earlier => Event::OpenedEarlier,
        }
    }
}
