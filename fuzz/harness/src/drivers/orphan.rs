//! No driver outlives the program that started it, however that ended.

use std::os::unix::process::parent_id;
use std::time::Duration;

/// Ends this process soon after its parent has ended: `downbeat` may be killed, and cannot tell its
/// drivers then.
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
