//! Which errors of a service its disks explain.

use downbeat_lsm::forest::{BeatError, StoreError};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::request_log::RequestLogError;

use super::TwoDisks;
use downbeat_storage_targets::store::{Cause, Causes};

/// The cause of an error of the machine, on its disk, in a call that began after `since` I/Os of
/// this disk. A beat may have failed earlier. [`Cause::None`] if a tree or the device is full.
pub(crate) fn of_store(service: &impl TwoDisks, error: &StoreError, since: u64) -> Cause {
    let opened = service.power().opened.0;
    let since = if matches!(error, StoreError::ReadOnly(_)) { opened } else { since };
    let causes = Causes::since(service.disks()[0], since);
    let of_grid = |error: &GridError| match error {
        GridError::Failed(fault) if Causes::since(service.disks()[0], opened).has(fault) => {
            Cause::Passing
        }
        error => causes.of_grid(error),
    };
    match error {
        StoreError::Grid(error) | StoreError::ReadOnly(BeatError::Grid(error)) => of_grid(error),
        StoreError::ReadOnly(BeatError::Checkpoint(error)) => causes.of_checkpoint(error, opened),
        StoreError::Superblock(error) => causes.of_superblock(error),
        StoreError::ReadOnly(BeatError::TreeIsFull { .. })
        | StoreError::Invalid(_)
        | StoreError::OtherOptions
        | StoreError::Closed
        | StoreError::Reopened => Cause::None,
    }
}

/// The cause of an error of the log, on its disk. Damage of entries is not considered.
pub(crate) fn of_log(service: &impl TwoDisks, error: &RequestLogError) -> Cause {
    let passes = match error {
        RequestLogError::Failed(fault) => {
            Causes::since(service.disks()[1], service.power().opened.1).has(fault)
        }
        RequestLogError::Gone => service.is_down(),
        // Damage is judged where the log is opened.
        _ => false,
    };
    if passes { Cause::Passing } else { Cause::None }
}
