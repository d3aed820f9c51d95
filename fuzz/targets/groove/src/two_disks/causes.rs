//! Which errors of a service its disks explain.

use downbeat_lsm::forest::{BeatError, StoreError};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::state_machine::ServiceError;

use super::{Moment, TwoDisks};
use downbeat::check::fail;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{Cause, Causes};

/// Checks that the disks explain an error of a call since the service was opened, or that something
/// is full and may be. Counts the failure.
#[cold]
pub(crate) fn call_failed(
    host: &mut impl TwoDisks,
    error: &ServiceError,
    run: &mut Run,
) -> Checked {
    let is_full = explained(host, error, host.course().opened.0, run)?;
    if !is_full && !host.is_down() {
        let is_log = matches!(error, ServiceError::Log(_));
        host.happens(if is_log { Moment::LogFailed } else { Moment::MachineFailed }, run);
    }
    Ok(())
}

/// Checks that the disks explain an error of a call that began after `since` I/Os of the machine's
/// disk, or that something is full and may be. Returns whether something is full.
#[cold]
pub(crate) fn explained<H: TwoDisks>(
    host: &mut H,
    error: &ServiceError,
    since: u64,
    run: &mut Run,
) -> Checked<bool> {
    host.follow_clock();
    let early = host.early_checkpoints();
    let is_nearly_full = host.is_nearly_full();
    host.course_mut().progress.may_have_hastened(early.into_iter(), is_nearly_full);
    run.remark(|| error.to_string());
    if is_full(error) && host.was_full(run) {
        return Ok(true);
    }
    let cause = match error {
        ServiceError::Store(error) => of_store(host, error, since),
        ServiceError::Log(error) => of_log(host, error),
        _ => Cause::None,
    };
    match cause {
        Cause::Passing => Ok(false),
        Cause::Damage if H::DAMAGES => Ok(false),
        Cause::Damage | Cause::None => Err(fail("nothing-fails", "success", error)
            .saying("a call fails, and the disks do not explain it")),
    }
}

/// Whether an error says that a tree or the device is full.
pub(crate) fn is_full(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Store(StoreError::ReadOnly(error)) if full(error).is_some())
}

/// The cause of an error of the machine, on its disk, in a call that began after `since` I/Os of
/// this disk. A beat may have failed earlier. [`Cause::None`] if a tree or the device is full.
pub(crate) fn of_store(host: &impl TwoDisks, error: &StoreError, since: u64) -> Cause {
    let opened = host.course().opened.0;
    let since = if matches!(error, StoreError::ReadOnly(_)) { opened } else { since };
    let causes = Causes::since(host.machine_disk(), since);
    let of_grid = |error: &GridError| match error {
        GridError::Failed(fault) if Causes::since(host.machine_disk(), opened).has(fault) => {
            Cause::Passing
        }
        error => causes.of_grid(error),
    };
    match error {
        StoreError::Grid(error) | StoreError::ReadOnly(BeatError::Grid(error)) => of_grid(error),
        StoreError::ReadOnly(BeatError::Checkpoint(error)) => causes.of_checkpoint(error, opened),
        StoreError::Superblock(error) => causes.of_superblock(error),
        StoreError::Grow(fault) => causes.of_growth(fault),
        StoreError::ReadOnly(BeatError::TreeIsFull { .. })
        | StoreError::Invalid(_)
        | StoreError::OtherOptions
        | StoreError::FewerBlocks { .. }
        | StoreError::TooFewMoreBlocks { .. }
        | StoreError::Closed
        | StoreError::ScopeIsOpen
        | StoreError::Full
        | StoreError::BatchIsTooLong { .. }
        | StoreError::Reopened
        | StoreError::NotJustOpened
        | StoreError::IndexIsNotGivenUp => Cause::None,
    }
}

/// The cause of an error of the log, on its disk. Damage of entries is not considered.
pub(crate) fn of_log(host: &impl TwoDisks, error: &RequestLogError) -> Cause {
    let passes = match error {
        RequestLogError::Failed(fault) => {
            Causes::since(host.log_disk(), host.course().opened.1).has(fault)
        }
        RequestLogError::Gone => host.is_down(),
        // A target that damages the log judges damage where the log is opened.
        RequestLogError::Damaged(_) if !host.damages() => !host.skipped_sectors().is_empty(),
        _ => false,
    };
    if passes { Cause::Passing } else { Cause::None }
}
