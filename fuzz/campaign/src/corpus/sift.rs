//! Inputs that fail, taken out: by a process of its own, which one of them may hang or end.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use downbeat_protocol::CANARY_VARIABLE;
use downbeat_protocol::Failure;

use super::gather::Source;
use crate::driver::HANG;
use crate::judge::{Judge, Verdict};
use crate::program::Program;

/// An input that fails: a file that holds it, and how.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The input.
    pub source: Source,
    /// Its failure.
    pub failure: Failure,
}

/// Takes those that fail out of `sources`.
///
/// # Errors
///
/// The process cannot be started, or `stop` was set.
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
