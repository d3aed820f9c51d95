//! States of a superblock and its device: how far its work was when it was interrupted, what the
//! copies held then, and at which state it opened.

use downbeat_lsm::storage::Access;

use super::medium::Progress;
use super::store::{Interrupted, Store};
use downbeat::Run;
use downbeat_model::superblock::Opened;

downbeat::states! {
    PowerLost "when power was lost: no work; or in a checkpoint, by its flushes and its last request" 10,
    Ended "when the process ended: no work; or in a checkpoint, by its flushes and its last request" 10,
    PowerLostOpening "when power was lost in an opening: before the first flush; or by the later flushes and the last request" 10,
    Failed "when a superblock failed: by its flushes and its last request, a write or a flush" 6,
    Unflushed "sectors not durable when power was lost, by octave" 7,
    HeldNew "copies, of four, that contain the state under way, when a store is opened" 5,
    HeldNeither "which copies of four are bad, when a store is opened with nothing under way" 16,
    HeldTorn "which copies of four are bad, when a store is opened with a checkpoint under way" 16,
    OpenedAs "the state that was opened: acknowledged or under way, by copies (2, 4, 6, 8); earlier, by copies (2, more)" 10,
    Crashes "crashes in a row while opening" 4,
    Repaired "copies repaired by an opening" 5,
    Rewritten "copies written again by a checkpoint" 6,
    Length "checkpoints of a run, by octave" 7,
}

/// The number of flushes done (0, 1, more) and the last request (read, write, flush).
fn phase(progress: Progress) -> usize {
    let asked = match progress.asked {
        None | Some(Access::Read) => 0,
        Some(Access::Write) => 1,
        Some(Access::Flush) => 2,
        Some(Access::Grow | Access::Discard) => {
            unreachable!("superblock: a superblock neither grows nor gives space back")
        }
    };
    3 * progress.flushes.min(2) as usize + asked
}

pub(super) fn interrupted(store: &Store, interrupted: Interrupted, run: &mut Run) {
    let progress = store.medium.progress();
    let bucket = if store.model.is_under_way() { 1 + phase(progress) } else { 0 };
    match interrupted {
        Interrupted::PowerLost => run.state(PowerLost, bucket),
        Interrupted::Restarted => run.state(Ended, bucket),
        Interrupted::Failed => {
            let phase = phase(progress);
            run.state(Failed, 2 * (phase / 3) + usize::from(phase % 3 == 2));
        }
    }
}

pub(super) fn interrupted_opening(progress: Progress, run: &mut Run) {
    let bucket = match progress.flushes.checked_sub(1) {
        None => 0,
        Some(flushes) => 1 + phase(Progress { flushes, ..progress }),
    };
    run.state(PowerLostOpening, bucket);
}

/// Marks the content of the copies before they are read, on a device with four copies.
pub(super) fn held(store: &mut Store, run: &mut Run) {
    const COPIES: usize = 4;
    if store.layout.superblock_copies() != COPIES {
        return;
    }
    let (acknowledged, under_way) = store.model.beats();
    let (mut new, mut bad) = (0, 0);
    for copy in 0..COPIES {
        let beat = store.header_of(copy).map(|header| header.state().beat);
        if under_way.is_some() && under_way == beat {
            new += 1;
        } else if Some(acknowledged) != beat {
            bad |= 1 << copy;
        }
    }
    run.state(HeldNew, new);
    run.state(if under_way.is_some() { HeldTorn } else { HeldNeither }, bad);
}

pub(super) fn opened(store: &Store, opened: Opened, crashes: usize, run: &mut Run) {
    let copies = store.layout.superblock_copies() / 2 - 1;
    let bucket = match opened {
        Opened::Acknowledged => copies,
        Opened::UnderWay => 4 + copies,
        Opened::Earlier => 8 + copies.min(1),
    };
    run.state(OpenedAs, bucket);
    run.state(Crashes, crashes);
    run.state(Repaired, store.superblock.statistics().repaired as usize);
}
