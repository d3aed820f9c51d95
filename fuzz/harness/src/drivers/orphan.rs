//! Ends a driver when the program that started it has ended, for whatever reason.

use std::os::unix::process::parent_id;
use std::time::Duration;

/// Ends this process soon after its parent has ended, because a `downbeat` that is killed cannot
/// end its drivers.
pub(super) fn end_with_parent() {
    const LOOK: Duration = Duration::from_millis(250);
    let parent = parent_id();
    std::thread::spawn(move || {
        while parent_id() == parent {
            std::thread::sleep(LOOK);
        }
        std::process::exit(1);
    });
}
