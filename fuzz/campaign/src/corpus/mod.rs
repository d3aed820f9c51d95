//! Corpora: folders of inputs from any driver gathered, merged, made small.
//!
//! | module | what is there |
//! |---|---|
//! | [`gather`] | the inputs of folders, in canonical form, each once |
//! | [`sift`] | those that fail, taken out |
//! | [`merge`] | those that add something, put into a folder |
//! | [`minimize`] | the fewest that reach what all do |
//!
//! Invariants: no file that somebody else wrote is changed or removed (but for the committed corpus,
//! replaced whole on demand); an interruption leaves every folder as it was.

pub mod gather;
pub mod merge;
pub mod minimize;
pub mod sift;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{self, Ran};
use crate::tether::tether;

/// Runs a merge of libFuzzer's, whose command line ends with folders; a finding of its own, which
/// cannot be once inputs are sifted, goes to `scratch`.
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
