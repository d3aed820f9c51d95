//! Beats and checkpoints.
//!
//! Some beats are driven by hand, one wait for the disk after the other, and some are run by one
//! call of the forest. The number of a beat decides, so a beat that is repeated after a crash is
//! run in the same way.

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::{BeatError, BeatProgress, Forest, Fullness, StoreError, TreeSet, Trees};
use downbeat_lsm::superblock::ManifestReferences;

use super::faults::{beat_failed, refused};
use super::{Host, Moment, TestedStore};
use downbeat::check::{equal, holds};
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{BeatOutcome, hang, trailers_max};

/// A beat that waits for the disk this many times is a finding.
const BOUND: u64 = 1 << 20;

/// Ends a beat.
pub(crate) fn beat(host: &mut impl Host, run: &mut Run) -> Checked {
    if is_whole(host) {
        return whole_beat(host, run);
    }
    beat_begins(host, false, run)
}

/// Whether one call runs the next beat.
fn is_whole(host: &impl Host) -> bool {
    let store = host.store();
    // A loss of power at a checkpoint is armed between the steps of a beat.
    host.pace() == CompactionPace::EVEN
        && store.faults.at_checkpoint.is_none()
        && store.next_beat().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0
}

/// Ends a beat with one call, which waits for the disk.
fn whole_beat(host: &mut impl Host, run: &mut Run) -> Checked {
    host.before_beat(run);
    run.step();
    let store = host.store_mut();
    let beat = store.next_beat();
    store.beat_begins();
    match store.forest.beat() {
        Ok(held) => {
            equal("beat-ends-once", beat, store.forest.beat_number())
                .or("a call runs more beats than it should, or none")?;
            host.beat(CompactionPace::EVEN);
            beat_ended(host, held, run)
        }
        Err(StoreError::ReadOnly(error)) => {
            let has_begun = store.forest.beat_number() == beat;
            fails(host, error, has_begun, run)
        }
        Err(error) => refused(host, error, run),
    }
}

/// Ends a beat, or leaves it under way while it writes the superblock, if it takes a checkpoint.
/// The host then calls [`resume`], or opens the store again.
pub(crate) fn beat_leaving(host: &mut impl Host, run: &mut Run) -> Checked {
    beat_begins(host, true, run)
}

fn beat_begins(host: &mut impl Host, leaves: bool, run: &mut Run) -> Checked {
    host.before_beat(run);
    run.step();
    let pace = host.pace();
    let store = host.store_mut();
    store.beat_begins();
    match store.forest.beat_begin_at(pace) {
        Ok(()) => go_on(host, pace, leaves, run),
        Err(StoreError::ReadOnly(error)) => fails(host, error, false, run),
        Err(error) => refused(host, error, run),
    }
}

/// Continues a beat that has begun.
fn go_on(host: &mut impl Host, pace: CompactionPace, leaves: bool, run: &mut Run) -> Checked {
    let TestedStore { forest, faults, left, .. } = host.store_mut();
    let beaten = end_beat(forest, |forest| {
        faults.beat_waits(forest.trees_and_grid().1);
        !leaves || forest.superblock().is_idle()
    });
    match beaten {
        BeatOutcome::Ended(Ok(held)) => {
            host.beat(pace);
            beat_ended(host, held, run)
        }
        BeatOutcome::Ended(Err(error)) => fails(host, error, true, run),
        BeatOutcome::Left => {
            *left = Some(pace);
            Ok(())
        }
        BeatOutcome::Hangs => {
            let got = format!("{} pending writes", forest.grid().pending_writes());
            Err(hang(got).saying("a beat does not end"))
        }
    }
}

/// Ends the beat that was left under way, if one was.
pub(crate) fn resume(host: &mut impl Host, run: &mut Run) -> Checked {
    match host.store_mut().left.take() {
        Some(pace) => go_on(host, pace, false, run),
        None => Ok(()),
    }
}

fn fails(host: &mut impl Host, error: BeatError, has_begun: bool, run: &mut Run) -> Checked {
    let store = host.store_mut();
    store.faults.failed = Some(error);
    store.check_failed()?;
    refused(host, StoreError::ReadOnly(error), run)?;
    beat_failed(host, has_begun, run);
    Ok(())
}

/// Runs the beat that a store has begun to its end. Calls `waits` before each wait for the disk,
/// and leaves the beat under way if it returns false.
pub(crate) fn end_beat<T: TreeSet + Trees<SimulatedDisk>>(
    forest: &mut Forest<T, SimulatedDisk>,
    mut waits: impl FnMut(&mut Forest<T, SimulatedDisk>) -> bool,
) -> BeatOutcome {
    for _ in 0..BOUND {
        let mut progress = forest.beat_advance();
        if progress == BeatProgress::Waiting {
            if !waits(forest) {
                return BeatOutcome::Left;
            }
            progress = forest.beat_step();
        }
        match progress {
            BeatProgress::Waiting => {}
            BeatProgress::Failed(error) => return BeatOutcome::Ended(Err(error)),
            BeatProgress::Ended { checkpoint } => return BeatOutcome::Ended(Ok(checkpoint)),
        }
    }
    BeatOutcome::Hangs
}

/// Checks the checkpoint of a beat, and what the last beat of a bar leaves.
fn beat_ended(host: &mut impl Host, held: Option<u64>, run: &mut Run) -> Checked {
    let store = host.store_mut();
    store.faults.check_queue(store.forest.grid())?;
    let beat = store.forest.beat_number();
    let early = store.forest.early_checkpoints().last();
    // It is decided in the middle of the bar.
    if let Some(early) = early.filter(|_| beat % store.bar == store.bar / 2)
        && early > beat
    {
        store.triggers.hasten(early);
        let may =
            early / store.bar == beat / store.bar && store.triggers.wrongly_hastened().is_none();
        holds("early-checkpoint-ends-its-bar", may)
            .show(|| (format!("the last beat of the bar of {beat}"), early))
            .or("a checkpoint is announced early for another beat than the last of the bar")?;
        store.check_early()?;
        host.happens(Moment::Early, run);
    }
    let store = host.store_mut();
    let due = store.triggers.beat(beat);
    let text = |held: Option<u64>| {
        held.map_or("none".to_owned(), |held| format!("a checkpoint up to beat {held}"))
    };
    let is_due = held == due && store.triggers.wrongly_hastened().is_none();
    holds("checkpoint-comes-when-due", is_due)
        .show(|| (text(due), text(held)))
        .or("a beat ends without the checkpoint that is due, or with a wrong one")?;
    if let Some(held) = held {
        run.result(held);
        host.happens(Moment::Checkpoint, run);
        host.checkpoint(held);
        let store = host.store_mut();
        let state = store.forest.superblock().working().state();
        let log = store.forest.manifest_log().references();
        let say = |beat: u64, log: ManifestReferences| format!("beat {beat} with {log:?}");
        holds("checkpoint-says-what-it-holds", (state.beat, state.manifest) == (held, log))
            .show(|| (say(held, log), say(state.beat, state.manifest)))
            .or("a checkpoint names another beat or another log than the ones that it holds")?;
        store.root.acknowledge(&state);
    }
    let store = host.store();
    if (beat + 1).is_multiple_of(store.bar / 2) {
        host.half_bar_ended(run);
    }
    if host.store().is_between_bars() {
        host.happens(Moment::Bar, run);
        host.store_mut().bar_ended()?;
        host.bar_ended(held.is_some(), run)?;
    }
    Ok(())
}

impl<T: TreeSet<Options: PartialEq> + Trees<SimulatedDisk>> TestedStore<T> {
    /// Notes when the next beat begins.
    fn beat_begins(&mut self) {
        let is_first = self.next_beat().is_multiple_of(self.bar / 2);
        self.faults.beat_begins(is_first, self.forest.grid().storage());
    }

    /// Checks that a store which announces an early checkpoint may lack room in this bar or the
    /// next. Called at the end of the beat that decides it.
    fn check_early(&mut self) -> Checked {
        if self.forest.fullness() > Fullness::HasRoom {
            return Ok(());
        }
        let free = self.forest.grid().free_set().free_count();
        let log = self.forest.manifest_log();
        let growth = u64::from(log.options().growth_factor);
        let of_log = 2 * (log.pace().append_blocks() + log.pace().compact_blocks_max()) + 1;
        let sets = trailers_max(self.forest.grid().layout());
        let (trees, _) = self.forest.trees_and_grid();
        // One merge into each level, and the blocks that beats reserve in addition.
        let count = trees.count();
        let of_tree = |place| {
            let tree = trees.tree(place);
            let table = 1 + u64::from(tree.layout().value_block_count_max());
            u64::from(tree.level_count()) * ((growth + 2) * table + 2) + 2
        };
        let of_trees: u64 = (0..count).map(of_tree).sum();
        let bound = 2 * (of_trees + of_log) + sets;
        holds("early-checkpoint-has-a-reason", free <= bound)
            .show(|| (format!("{bound} free blocks or fewer"), free))
            .or("a checkpoint is taken early, although two bars fit into the free blocks")
    }

    fn bar_ended(&mut self) -> Checked {
        self.check_buffers("between bars")?;
        let reservations = self.forest.grid().free_set().reservation_count();
        holds("memory-comes-back", reservations == 0)
            .show(|| ("no reservation", reservations))
            .or("blocks are reserved between bars")
    }

    /// Checks between bars that buffers are in use only for reads and writes in flight and for the
    /// open block of the log.
    pub(super) fn check_buffers(&mut self, when: &str) -> Checked {
        let grid = self.forest.grid();
        let failed = self.forest.failed().is_some() || grid.failed().is_some();
        if !self.is_between_bars() || failed || self.is_down() {
            return Ok(());
        }
        let (unused, all) = (grid.unused_buffers(), grid.buffers());
        let (written, read) = (grid.pending_writes(), grid.reads_in_flight());
        let open_log = usize::from(self.forest.manifest_log().open_entry_count() > 0);
        let others = || format!("{written} written, {read} read, {open_log} of the log");
        holds("memory-comes-back", unused + written + read + open_log == all)
            .show(|| (format!("{all} unused {when}, {}", others()), format!("{unused} unused")))
            .or("buffers are in use, but no I/O or log holds them")
    }
}

/// Completes all I/O, and checks that no buffer stays in use.
pub(crate) fn settle(host: &mut impl Host) -> Checked {
    let store = host.store_mut();
    while store.forest.step() {}
    if store.is_down() {
        return Ok(());
    }
    holds("waiting-ends", store.forest.grid().is_idle())
        .show(|| ("an end", "none"))
        .or("the grid waits, and nothing completes")?;
    store.check_buffers("when nothing is under way")
}

/// Whether the store is read-only, or power is lost.
fn cannot_beat(host: &impl Host) -> bool {
    !host.store().can_write()
}

/// Ends beats, and completes `steps` I/Os after each.
pub(crate) fn beats(host: &mut impl Host, count: u32, steps: u32, run: &mut Run) -> Checked {
    for _ in 0..count {
        if cannot_beat(host) {
            break;
        }
        beat(host, run)?;
        for _ in 0..steps {
            if !host.store_mut().forest.step() {
                break;
            }
        }
    }
    Ok(())
}

/// Ends beats up to the end of the bar, and then whole bars.
pub(crate) fn bars(host: &mut impl Host, count: u32, run: &mut Run) -> Checked {
    let mut left = count;
    while left > 0 && !cannot_beat(host) {
        beat(host, run)?;
        left -= u32::from(host.store().is_between_bars());
    }
    Ok(())
}

/// Requests a checkpoint. Returns the beat at whose end the checkpoint is taken.
pub(crate) fn want(host: &mut impl Host, run: &mut Run) -> Checked<u64> {
    run.step();
    let store = host.store_mut();
    let trigger = store.forest.checkpoint_want();
    let due = store.triggers.want(store.next_beat());
    equal("checkpoint-comes-when-due", due, trigger)
        .or("a requested checkpoint is announced for the wrong beat")?;
    host.wanted();
    Ok(trigger)
}

/// Runs beats until everything that was written is durable.
pub(crate) fn checkpoint(host: &mut impl Host, run: &mut Run) -> Checked {
    let trigger = want(host, run)?;
    while host.store().forest.beat_number() < trigger && !cannot_beat(host) {
        beat(host, run)?;
    }
    let is_held = cannot_beat(host) || host.is_durable();
    holds("checkpoint-holds-what-was-put", is_held)
        .show(|| ("all of it", "less"))
        .or("a requested checkpoint does not hold everything that was written before")
}

/// Drops the blocks that are cached.
pub(crate) fn drop_cache(host: &mut impl Host, run: &mut Run) {
    run.step();
    host.happens(Moment::CacheDropped, run);
    host.store_mut().forest.trees_and_grid().1.drop_cache();
}

/// Completes up to `count` I/Os between two beats.
pub(crate) fn step(host: &mut impl Host, count: u32, run: &mut Run) {
    run.step();
    let done = (0..count).take_while(|_| host.store_mut().forest.step()).count();
    run.idle_if(done == 0);
}
