//! Ctrl-C: what runs is told to end, and ends in its own way.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// Set by Ctrl-C, SIGTERM and SIGHUP, once [`watch`] was called.
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on, an interruption sets the flag that is returned instead of ending the program.
pub(crate) fn watch() -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("cannot watch Ctrl-C")?;
    Ok(&STOP)
}
