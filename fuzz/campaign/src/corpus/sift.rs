//! Removes inputs that fail.
//!
//! The inputs run in a separate process, so an input that crashes or hangs does no harm.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use downbeat_protocol::CANARY_VARIABLE;
use downbeat_protocol::Failure;

use super::gather::Source;
use crate::driver::HANG;
use crate::judge::{Judge, Verdict};
use crate::program::Program;

/// An input that fails.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The input and its file.
    pub source: Source,
    /// How it fails.
    pub failure: Failure,
}

/// Removes the inputs that fail from `sources` and returns them. The canary is on if its
/// environment variable is set.
///
/// # Errors
///
/// Returns an error if the process cannot be started or `stop` is set.
pub fn sift(
    target: &Program,
    sources: &mut BTreeMap<String, Source>,
    stop: &AtomicBool,
) -> Result<Vec<Failing>> {
    let canary = std::env::var_os(CANARY_VARIABLE).is_some();
    let mut judge = Judge::new(target, canary);
    let mut failures = BTreeMap::new();
    for (name, source) in &*sources {
        match judge.judge(&source.bytes, false, HANG, stop)?.verdict {
            Verdict::Passes => {}
            Verdict::Fails(failure) => {
                failures.insert(name.clone(), failure);
            }
            Verdict::Stopped => bail!("interrupted; nothing was written"),
        }
    }
    let failing = failures.into_iter().filter_map(|(name, failure)| {
        let source = sources.remove(&name)?;
        Some(Failing { source, failure })
    });
    Ok(failing.collect())
}
