//! Corpora: folders of inputs from any driver are gathered, merged and minimized.
//!
//! | module | what it does |
//! |---|---|
//! | [`gather`] | reads the inputs of folders in canonical form, each of them once |
//! | [`sift`] | removes the inputs that fail |
//! | [`merge`] | adds the inputs with new coverage to a folder |
//! | [`migrate`] | rewrites folders of inputs that are in an earlier version of the encoding |
//! | [`minimize`] | finds the fewest inputs with the coverage of all |
//!
//! - Files that these modules did not write are never changed or removed, with two exceptions:
//!   [`minimize::write`] replaces the whole committed corpus, and [`migrate`] a whole folder.
//! - An interruption leaves every folder as it was.

pub mod gather;
pub mod merge;
pub mod migrate;
pub mod minimize;
pub mod sift;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{self, Ran};
use crate::tether::tether;

/// Runs a merge of libFuzzer. The folders are the last arguments of `command`.
///
/// The inputs passed when they were sifted. If an input fails nevertheless, libFuzzer writes it to
/// `scratch`.
fn run_merge(command: &mut Command, scratch: &Path, stop: &AtomicBool) -> Result<()> {
    command.arg(format!("-artifact_prefix={}/", scratch.display()));
    match process::run(&mut tether(command)?, Duration::MAX, stop)? {
        Ran::Ended(status, _) if status.success() => Ok(()),
        Ran::Ended(status, said) => {
            bail!("the merge failed ({status}): {}", process::last_line(&said))
        }
        Ran::TooLong | Ran::Stopped => bail!("interrupted; nothing was written"),
    }
}
