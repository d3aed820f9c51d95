//! Ctrl-C sets a flag. The running command ends when it sees the flag.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::{Ended, print};

/// Set by Ctrl-C, SIGTERM and SIGHUP after [`watch`] is called.
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on, an interruption sets the returned flag instead of ending the program.
pub(crate) fn watch() -> anyhow::Result<&'static AtomicBool> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
            .context("cannot watch Ctrl-C")?;
    }
    Ok(&STOP)
}

/// The end of a command that returned `error`: an interruption if the flag is set, else the error.
pub(crate) fn ended(error: anyhow::Error, stop: &AtomicBool) -> anyhow::Result<Ended> {
    if !stop.load(Ordering::Relaxed) {
        return Err(error);
    }
    print::line(&format!("\ndownbeat: {error:#}"))?;
    Ok(Ended::Interrupted)
}
