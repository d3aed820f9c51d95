//! Crashes, restarts, and the checks after the store is opened again. The tenant opens its own
//! state once the grid is open.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::{CheckpointState, SuperblockError};

use super::attempts::{Attempts, Refused};
use super::causes::Cause;
use super::{BlockStore, Moment, Tenant};
use downbeat::check::{fail, same};
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_model::store::Use;

/// Formats the disk, which must not be damaged, and opens the store.
pub fn format(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    let mut attempts = Attempts::new(tenant.store().grid.storage());
    loop {
        end_process(tenant, run);
        let disk = tenant.store_mut().disk();
        disk.restart();
        disk.unprotect_all();
        attempts.begin(disk);
        let BlockStore { layout, grid, superblock, model, root, formatted, opened, .. } =
            tenant.store_mut();
        *formatted += 1;
        *opened = grid.storage().completed();
        let state = CheckpointState::default();
        root.format(*formatted, &state);
        if let Err(error) = superblock.format(grid.storage_mut(), *formatted, &state) {
            refused_format(&attempts, tenant, &Error::Superblock(error))?;
            continue;
        }
        model.format(layout.block_count() as usize);
        let opened = grid.open(&state);
        tenant.happens(Moment::Formatted, run);
        let opened = match opened {
            Ok(()) => tenant.grid_opened(&state, run)?,
            Err(error) => Err(error),
        };
        match opened {
            Ok(()) => {
                tenant.store_mut().acknowledge();
                return tenant.store().check_account();
            }
            Err(error) => refused_format(&attempts, tenant, &Error::Grid(error))?,
        }
    }
}

/// Checks that the disk explains why an attempt to format it failed.
fn refused_format(attempts: &Attempts, tenant: &impl Tenant, error: &Error) -> Checked {
    let disk = tenant.store().grid.storage();
    match attempts.refused(error.cause(attempts, tenant.store()), error.to_string(), disk)? {
        Refused::Again(_) => Ok(()),
        Refused::Lost(why) => {
            Err(fail("store-opens", "a store", why).saying("a disk cannot be formatted"))
        }
    }
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
    let mut attempts = Attempts::new(tenant.store().grid.storage());
    let mut crashed_before = false;
    loop {
        end_process(tenant, run);
        let disk = tenant.store_mut().disk();
        disk.restart();
        attempts.begin(disk);
        match open(tenant, &attempts, crashed_before, run)? {
            Ok(()) => return tenant.store().check_account(),
            Err(Refused::Again(_)) if tenant.store().is_down() => {
                crashed_before = true;
                let completed = attempts.completed(tenant.store().grid.storage());
                tenant.happens(Moment::OpeningCrashed(completed), run);
            }
            Err(Refused::Again(why)) => {
                tenant.happens(Moment::OpeningFailed, run);
                run.remark(|| format!("not opened: {why}"));
            }
            Err(Refused::Lost(why)) => return format_again(tenant, &why, run),
        }
    }
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

/// Why an attempt to open the store failed.
enum Error {
    Superblock(SuperblockError),
    Grid(GridError),
}

impl Error {
    fn cause(&self, attempts: &Attempts, store: &BlockStore) -> Cause {
        let causes = attempts.causes(store.grid.storage());
        match self {
            Self::Superblock(error) => causes.of_superblock(error),
            Self::Grid(error) => causes.of_grid(error),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Superblock(error) => error.fmt(formatter),
            Self::Grid(error) => error.fmt(formatter),
        }
    }
}

fn open(
    tenant: &mut impl Tenant,
    attempts: &Attempts,
    again: bool,
    run: &mut Run,
) -> Checked<Result<(), Refused>> {
    match open_once(tenant, attempts, again, run)? {
        Ok(()) => {
            tenant.store_mut().acknowledge();
            Ok(Ok(()))
        }
        Err(Attempted::Elsewhere(refused)) => Ok(Err(refused)),
        Err(Attempted::Failed(error)) => {
            let store = tenant.store();
            let cause = error.cause(attempts, store);
            attempts.refused(cause, error.to_string(), store.grid.storage()).map(Err)
        }
    }
}

/// How an attempt to open the store failed.
enum Attempted {
    /// The store opened at a checkpoint at which it may not open, and the disk explains why.
    Elsewhere(Refused),
    /// The attempt returned an error.
    Failed(Error),
}

fn open_once(
    tenant: &mut impl Tenant,
    attempts: &Attempts,
    again: bool,
    run: &mut Run,
) -> Checked<Result<(), Attempted>> {
    run.step();
    let BlockStore { grid, superblock, model, root, opened, .. } = tenant.store_mut();
    *opened = grid.storage().completed();
    if let Err(error) = superblock.open(grid.storage_mut()) {
        return Ok(Err(Attempted::Failed(Error::Superblock(error))));
    }
    let state = superblock.working().state();
    let beat = state.beat;
    let before = model.count(Use::Acquired);
    let under_way = root.open(superblock.working());
    let Some(under_way) = under_way.filter(|_| model.opened(beat)) else {
        let got = format!("store {} at {state:?}", superblock.working().store());
        let refused = attempts.opened_elsewhere(root.to_string(), got)?;
        return Ok(Err(Attempted::Elsewhere(refused)));
    };
    let after = model.count(Use::Acquired);
    run.result(beat);
    let (lost, back) = (before.saturating_sub(after), after.saturating_sub(before));
    tenant.happens(Moment::Opened { beat, under_way, again, lost, back }, run);
    run.step();
    let BlockStore { grid, model, .. } = tenant.store_mut();
    if let Err(error) = grid.open(&state) {
        return Ok(Err(Attempted::Failed(Error::Grid(error))));
    }
    let trailers = model.acknowledged().trailers.as_slice();
    same("free-set-is-that-of-the-checkpoint", trailers, grid.trailer_blocks())
        .or("a store opens with the free set of another checkpoint")?;
    let opened = tenant.grid_opened(&state, run)?;
    Ok(opened.map_err(|error| Attempted::Failed(Error::Grid(error))))
}
