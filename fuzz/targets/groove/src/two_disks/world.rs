//! What the world of a target on two disks does at the beginning and at the end of a run.

use super::{Course, TwoDisks, recovery};
use downbeat::disk::Order;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults;

/// Begins a run: prepares the disks, which the caller has reset, and formats them. `order` is the
/// number of an [`Order`]. `beyond` says whether faults may exceed what a store withstands.
pub(crate) fn open(host: &mut impl TwoDisks, order: usize, beyond: bool, run: &mut Run) -> Checked {
    host.course_mut().reset();
    for disk in host.disks_mut() {
        faults::prepare_without_interference(disk, Order::ALL[order], beyond, false);
    }
    let [_, log] = host.devices_mut();
    log.allow_unwritten_reads();
    if let Some(armed) = run.interference() {
        host.course().clock.interfere(armed);
    }
    recovery::format(host, run)
}

/// Ends a run. Calls `reopen`, which opens the service again and compares it with its model. In a
/// run with an interference, then disarms all faults and calls `reopen` again.
pub(crate) fn finish<H: TwoDisks>(
    host: &mut H,
    run: &mut Run,
    reopen: impl Fn(&mut H, &mut Run) -> Checked,
) -> Checked {
    reopen(host, run)?;
    if run.interference().is_some() {
        host.disarm_all();
        reopen(host, run)?;
    }
    host.harvest(run);
    run.device_operations(host.course().clock.completed());
    Ok(())
}

/// Describes the requests and the disks.
pub(crate) fn describe(host: &impl TwoDisks) -> Vec<String> {
    let (given, acknowledged) = host.given();
    let Course { progress, failed, .. } = host.course();
    let mut lines = vec![format!(
        "{given} requests given, {acknowledged} acknowledged, {} beats, {} in the checkpoint, \
         failed: {failed:?}",
        progress.beats(),
        progress.held(),
    )];
    for (name, disk) in ["machine", "log"].into_iter().zip(host.disks()) {
        lines.push(format!("disk of the {name}:"));
        lines.extend(disk.describe());
    }
    lines
}
