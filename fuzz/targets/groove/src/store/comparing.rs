//! Compares a whole store with its model, and ends a run.

use super::{Host, power_lost};
use super::{checkpoint, reopen, settle};
use downbeat::{Checked, Run};

/// Compares everything. Does so again if power is lost.
pub(crate) fn compare(host: &mut impl Host, run: &mut Run) -> Checked {
    host.compare_all(run)?;
    while host.store().is_down() {
        power_lost(host, run)?;
        host.compare_all(run)?;
    }
    Ok(())
}

/// Ends a run: writes a checkpoint, opens the store again, and compares everything. In a run with
/// an interference, then disarms all faults, and opens and compares once more.
pub(crate) fn finish(host: &mut impl Host, run: &mut Run) -> Checked {
    if host.store().forest.failed().is_none() {
        checkpoint(host, run)?;
    }
    finish_with(host, run, |host, run| {
        if host.store().is_down() {
            power_lost(host, run)?;
        }
        settle(host)?;
        reopen(host, run)?;
        compare(host, run)?;
        settle(host)
    })
}

/// Ends a run: closes and compares the store as `close_and_compare` does. In a run with an
/// interference, then disarms all faults, and does so once more.
pub(crate) fn finish_with<H: Host>(
    host: &mut H,
    run: &mut Run,
    close_and_compare: impl Fn(&mut H, &mut Run) -> Checked,
) -> Checked {
    close_and_compare(host, run)?;
    if run.interference().is_some() {
        host.store_mut().disk().disarm_all();
        close_and_compare(host, run)?;
    }
    host.process_ends(run);
    run.device_operations(host.store().now());
    Ok(())
}
