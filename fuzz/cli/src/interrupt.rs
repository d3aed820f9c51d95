//! Ctrl-C sets a flag. The running command ends when it sees the flag.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::{Ended, print};

/// Set by Ctrl-C, SIGTERM and SIGHUP after [`watch`] is called.
static STOP: AtomicBool = AtomicBool::new(false);

/// Returns a flag. From this call on, an interruption sets the flag instead of ending the program.
pub(crate) fn watch() -> anyhow::Result<&'static AtomicBool> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
            .context("cannot watch Ctrl-C")?;
    }
    Ok(&STOP)
}

/// Returns how a command with the error `error` ended. If `stop` is set, the command was
/// interrupted: prints the error. Otherwise returns the error.
pub(crate) fn ended(error: anyhow::Error, stop: &AtomicBool) -> anyhow::Result<Ended> {
    if !stop.load(Ordering::Relaxed) {
        return Err(error);
    }
    print::line(&format!("\ndownbeat: {error:#}"))?;
    Ok(Ended::Interrupted)
}
