//! Ctrl-C: a flag tells what runs to end in its own way.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::{Ended, print};

/// Set by Ctrl-C, SIGTERM and SIGHUP, once [`watch`] was called.
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on, an interruption sets the flag that is returned instead of ending the program.
pub(crate) fn watch() -> anyhow::Result<&'static AtomicBool> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
            .context("cannot watch Ctrl-C")?;
    }
    Ok(&STOP)
}

/// How a command ended that gave `error`: interrupted, if that is why.
pub(crate) fn ended(error: anyhow::Error, stop: &AtomicBool) -> anyhow::Result<Ended> {
    if !stop.load(Ordering::Relaxed) {
        return Err(error);
    }
    print::line(&format!("\ndownbeat: {error:#}"))?;
    Ok(Ended::Interrupted)
}
