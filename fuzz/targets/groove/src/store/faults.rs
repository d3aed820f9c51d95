//! What a store must do after crashes and faults of the disk.

use downbeat_lsm::forest::StoreError;

use super::{Host, Moment};
use downbeat::check::{fail, holds, same};
use downbeat::{Checked, Divergence, Run};
use downbeat_storage_targets::store::full::full;

/// Checks that the disk explains the error of a read that began at `since`. If not, returns the
/// given divergence.
#[cold]
pub(crate) fn read_failed(
    host: &mut impl Host,
    error: &StoreError,
    since: u64,
    divergence: impl FnOnce() -> Divergence,
    run: &mut Run,
) -> Checked {
    let store = host.store();
    let explained = matches!(
        error,
        StoreError::Grid(error) if store.faults.explains_read(error, since, store.forest.grid())
    );
    if !explained {
        return Err(divergence());
    }
    if !store.is_down() {
        host.happens(Moment::ReadFailed, run);
    }
    run.remark(|| error.to_string());
    Ok(())
}

/// Checks that a read-only store refuses to write and to begin a beat, and returns the reason. No
/// beat may begin while a scope is open.
pub(crate) fn check_reason(host: &mut impl Host, scope_is_open: bool) -> Checked {
    let store = host.store_mut();
    let expected = store.faults.reason(store.forest.grid()).map(StoreError::ReadOnly);
    if let (None, Some(error)) = (store.faults.failed, &expected) {
        holds("nothing-fails", store.faults.explains(error, store.forest.grid().storage()))
            .show(|| ("success".to_owned(), error.to_string()))
            .or("a write between beats fails, but the device does not")?;
    }
    let got = store.forest.write().err();
    same("read-only-says-why", expected, got)
        .or("a read-only store writes, or gives another reason than the failure")?;
    if scope_is_open {
        return Ok(());
    }
    let got = store.forest.beat().err();
    same("read-only-says-why", expected, got)
        .or("a read-only store begins a beat, or gives another reason")
}

/// Checks that a beat failed because a tree or the device is full, or that the disk explains the
/// error. The store is read-only from now on.
#[cold]
pub(super) fn refused(host: &mut impl Host, error: StoreError, run: &mut Run) -> Checked {
    let store = host.store();
    match error {
        _ if store.faults.explains(&error, store.forest.grid().storage()) => {
            if !store.is_down() {
                host.happens(Moment::BeatFailed, run);
            }
        }
        StoreError::ReadOnly(error) if full(&error).is_some() => host.happens(Moment::Full, run),
        error => {
            return Err(fail("nothing-fails", "success", error)
                .saying("a call fails, but the device does not"));
        }
    }
    run.remark(|| error.to_string());
    Ok(())
}

/// Notes that a beat failed. If its checkpoint was being written to the superblock, the store may
/// open at this checkpoint.
pub(super) fn beat_failed(host: &mut impl Host, has_begun: bool, run: &mut Run) {
    let store = host.store_mut();
    let beat = store.forest.beat_number();
    let held = if has_begun { store.triggers.beat(beat) } else { None };
    let is_switching = !store.forest.superblock().is_idle();
    if let Some(beat) = held.filter(|_| is_switching) {
        let options = store.root.options();
        store.root.checkpoint_begun(beat, store.forest.manifest_log().references(), options);
    }
    if store.is_down() {
        let phase = match (held.is_some(), is_switching) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => 3,
        };
        store.faults.crash_noted = true;
        let flushed_at = store.faults.flushed_at;
        let completed = flushed_at.map(|before| store.now() - before);
        host.happens(Moment::CrashIn(phase), run);
        if let Some(completed) = completed {
            host.happens(Moment::CheckpointAtCrash(completed.saturating_sub(1) as usize), run);
        }
    }
}

/// Marks that power was lost between beats, unless a beat has marked the loss.
pub(super) fn crash_between_beats(host: &mut impl Host, run: &mut Run) {
    if !std::mem::take(&mut host.store_mut().faults.crash_noted) {
        host.happens(Moment::CrashIn(0), run);
    }
}
