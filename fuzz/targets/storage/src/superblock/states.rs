//! States of a superblock and its device: how far its work was when it was interrupted, what the
//! copies held then, and at which state it opened.

use downbeat_lsm::storage::Access;
use downbeat_lsm::superblock::SuperblockHeader;

use super::medium::Progress;
use super::store::{Interrupted, Store};
use downbeat::disk::SimulatedDisk;
use downbeat::model::superblock::Opened;
use downbeat::run::Run;
use downbeat::states::octave;

downbeat::states! {
    PowerLost "power lost: idle; or flushes done and the last request, of a checkpoint" 10,
    Ended "process ended: idle; or flushes done and the last request, of a checkpoint" 10,
    PowerLostOpening "power lost while opening: before the first flush; or flushes done since and the last request" 10,
    Failed "failed: flushes done and the last request, a write or a flush" 6,
    Unflushed "sectors not durable when power was lost, by octave" 7,
    HeldNew "copies of four that hold what is under way, when a store is opened" 5,
    HeldNeither "which copies of four are bad, when a store is opened with nothing under way" 16,
    HeldTorn "which copies of four are bad, when a store is opened with a checkpoint under way" 16,
    OpenedAs "opened as acknowledged, under way, with 2, 4, 6, 8 copies each; earlier, with 2, with more" 10,
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
    };
    3 * progress.flushes.min(2) as usize + asked
}

pub(super) fn interrupted(
    interrupted: Interrupted,
    is_under_way: bool,
    progress: Progress,
    run: &mut Run,
) {
    let bucket = if is_under_way { 1 + phase(progress) } else { 0 };
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

pub(super) fn unflushed(disk: &SimulatedDisk, run: &mut Run) {
    run.state(Unflushed, octave(disk.image().unflushed().len() as u64));
}

/// Marks the content of the four copies that are about to be read.
pub(super) fn held(store: &mut Store, run: &mut Run) {
    const COPIES: usize = 4;
    if store.layout.superblock_copies() != COPIES {
        return;
    }
    let (acknowledged, under_way) = store.model.beats();
    let (mut new, mut bad) = (0, 0);
    for copy in 0..COPIES {
        let offset = store.layout.superblock_copy(copy).offset;
        let read = store.medium.disk().image().read(offset, &mut store.scratch);
        let header = read.ok().and_then(|_| SuperblockHeader::read(copy, &store.scratch));
        let beat = header.map(|header| header.state().beat);
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

pub(super) fn checkpoint(rewritten: u64, run: &mut Run) {
    run.state(Rewritten, rewritten as usize);
}

/// Marks the length of a run. The first checkpoint is that of the formatting.
pub(super) fn whole(checkpoints: u64, run: &mut Run) {
    run.state(Length, octave(checkpoints.saturating_sub(1)));
}
