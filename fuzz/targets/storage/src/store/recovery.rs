//! Crashes, restarts, and the checks after the store is opened again. The tenant opens its own
//! state once the grid is open.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::{CheckpointState, SuperblockError};

use super::pump::hang;
use super::{BlockStore, Moment, Tenant};
use downbeat::check::{fail, same};
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_model::store::Use;

/// How often opening may fail in addition to the armed faults.
const TRIES: usize = 6;

/// Why an opening did not succeed.
enum Refused {
    /// Power was lost, or the disk failed once: try again.
    Again(String),
    /// The store is damaged beyond repair.
    Corrupt(String),
}

impl From<GridError> for Refused {
    fn from(error: GridError) -> Self {
        match error {
            GridError::Gone | GridError::Fault(_) => Refused::Again(error.to_string()),
            _ => Refused::Corrupt(error.to_string()),
        }
    }
}

/// Formats the disk, and opens the store.
pub fn format(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    let tries = TRIES + tenant.store().grid.storage().armed().len();
    for _ in 0..tries {
        end_process(tenant, run);
        let BlockStore { layout, grid, superblock, model, root, .. } = tenant.store_mut();
        let disk = grid.storage_mut();
        disk.restart();
        disk.unprotect_all();
        let state = CheckpointState::default();
        let number = root.format(&state);
        if superblock.format(grid.storage_mut(), number, &state).is_err() {
            continue;
        }
        model.format(layout.block_count() as usize);
        let opened = grid.open(&state);
        tenant.happens(Moment::Formatted, run);
        if opened.is_ok() && tenant.grid_opened(&state, run)?.is_ok() {
            tenant.store_mut().acknowledge();
            return tenant.store().check_account();
        }
    }
    Err(hang(tenant.under_way()).saying("a disk cannot be formatted"))
}

/// Loses power, restores it and opens the store. Power is lost again at I/O `io` of the opening,
/// counted from 1, if the opening takes that many. If `io` is 0, power is not lost again.
pub fn crash(tenant: &mut impl Tenant, io: u32, run: &mut Run) -> Checked {
    let disk = tenant.store_mut().disk();
    disk.lose_power();
    if io > 0 {
        disk.arm(Armed { kind: FaultKind::PowerLoss, access: None, nth: u64::from(io) });
    }
    recover(tenant, run)
}

/// Opens the store after a crash or after the process ends, and compares it with the model.
pub fn recover(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    tenant.before_recovery(run)?;
    let tries = TRIES + tenant.store().grid.storage().armed().len();
    let mut crashed_before = false;
    let mut last = String::new();
    for _ in 0..tries {
        end_process(tenant, run);
        tenant.store_mut().disk().restart();
        let before = tenant.store().grid.storage().completed();
        match open(tenant, crashed_before, run)? {
            Ok(()) => return tenant.store().check_account(),
            Err(Refused::Again(_)) if tenant.store().is_down() => {
                crashed_before = true;
                let completed = tenant.store().grid.storage().completed() - before;
                tenant.happens(Moment::OpeningCrashed(completed), run);
            }
            Err(Refused::Again(why)) => {
                tenant.happens(Moment::OpeningFailed, run);
                run.remark(|| format!("not opened: {why}"));
                last = why;
            }
            Err(Refused::Corrupt(why)) if tenant.store().beyond => {
                return format_again(tenant, &why, run);
            }
            Err(Refused::Corrupt(why)) => {
                return Err(fail("store-opens", "a store", why)
                    .saying("a store does not open, but the faults are within the limits"));
            }
        }
    }
    if tenant.store().beyond {
        // A repeated attempt would read the same unreadable data.
        return format_again(tenant, &last, run);
    }
    Err(hang(last).saying("a store does not open"))
}

/// Formats a lost store again. Damage on the disk is removed; the disk keeps its counts.
fn format_again(tenant: &mut impl Tenant, why: &str, run: &mut Run) -> Checked {
    tenant.happens(Moment::FormattedAnew, run);
    run.remark(|| format!("formatted again: {why}"));
    tenant.store_mut().disk().image_mut().repair_all();
    format(tenant, run)
}

/// Drops all state in memory, as the end of a process does.
fn end_process(tenant: &mut impl Tenant, run: &mut Run) {
    tenant.process_ends(run);
    let BlockStore { grid, superblock, failure_noted, unwritten, .. } = tenant.store_mut();
    grid.reset();
    superblock.reset();
    *failure_noted = false;
    unwritten.clear();
}

fn open(tenant: &mut impl Tenant, again: bool, run: &mut Run) -> Checked<Result<(), Refused>> {
    run.step();
    let BlockStore { grid, superblock, model, root, beyond, .. } = tenant.store_mut();
    match superblock.open(grid.storage_mut()) {
        Ok(()) => {}
        // A later attempt succeeds once the disk stops failing.
        Err(
            error @ (SuperblockError::Gone
            | SuperblockError::Fault(_)
            | SuperblockError::Unverified),
        ) => return Ok(Err(Refused::Again(error.to_string()))),
        Err(error) => return Ok(Err(Refused::Corrupt(error.to_string()))),
    }
    let state = superblock.working().state();
    let beat = state.beat;
    let under_way = model.under_way().is_some_and(|way| way.beat == beat);
    let before = model.count(Use::Acquired);
    if !root.may_open(superblock.working()) || !model.opened(beat) {
        let got = format!("store {} at {state:?}", superblock.working().store());
        if *beyond {
            return Ok(Err(Refused::Corrupt(format!("opened at another checkpoint: {got}"))));
        }
        return Err(fail("opened-is-last-or-under-way", &*root, got)
            .saying("a store opens at a checkpoint that is not one of the last two"));
    }
    root.opened(&state);
    let after = model.count(Use::Acquired);
    run.result(beat);
    let (lost, back) = (before.saturating_sub(after), after.saturating_sub(before));
    tenant.happens(Moment::Opened { beat, under_way, again, lost, back }, run);
    run.step();
    let BlockStore { grid, model, .. } = tenant.store_mut();
    if let Err(error) = grid.open(&state) {
        return Ok(Err(error.into()));
    }
    let trailers = model.acknowledged().trailers.as_slice();
    same("free-set-is-that-of-the-checkpoint", trailers, grid.trailer_blocks())
        .or("a store opens with the free set of another checkpoint")?;
    if let Err(error) = tenant.grid_opened(&state, run)? {
        return Ok(Err(error.into()));
    }
    tenant.store_mut().acknowledge();
    Ok(Ok(()))
}
