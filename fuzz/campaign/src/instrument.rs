//! Instrumentation for libFuzzer: this program, as cargo's wrapper of the compiler.
//!
//! cargo calls the wrapper of the workspace with the compiler and its arguments. It adds the flags of
//! instrumentation for the crates that coverage is to tell of: the core and the worlds of the targets.
//! Models, encodings and dependencies are compiled as they always are, so that libFuzzer sees no edges
//! of the suite itself, and a build of a target shares its dependencies with the plain one.
//!
//! Trap: cargo knows the wrapper by its path alone. After a change of the flags below, run `cargo clean
//! --profile quick`, or cargo takes the crates that were compiled with the old flags.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

/// The variable that makes this program the wrapper: any value.
const VARIABLE: &str = "DOWNBEAT_INSTRUMENT";

/// The same flags as cargo-fuzz's without a sanitizer and without the tracing of comparisons
/// ([`crate::driver`] says why), but for its one unit of code: with many, a changed line is compiled
/// again in seconds.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Makes a build by cargo an instrumented one.
pub(crate) fn instrument(cargo: &mut Command) -> Result<()> {
    let program = std::env::current_exe().context("this program cannot find itself")?;
    cargo.env("RUSTC_WORKSPACE_WRAPPER", program).env(VARIABLE, "1");
    Ok(())
}

/// Becomes the compiler, if cargo started this program as its wrapper. Returns only if it did not, or
/// with why the compiler cannot be started.
///
/// # Errors
///
/// Returns an error if the compiler cannot be started.
pub fn become_compiler_if_asked() -> Result<()> {
    if std::env::var_os(VARIABLE).is_none() {
        return Ok(());
    }
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().context("cargo names no compiler")?;
    let arguments: Vec<_> = arguments.collect();
    let name = arguments.iter().skip_while(|argument| *argument != "--crate-name").nth(1);
    let mut command = Command::new(&compiler);
    command.args(&arguments);
    if name.is_some_and(|name| is_instrumented(&name.to_string_lossy())) {
        command.args(FLAGS);
    }
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start {}", compiler.display()))
}

/// Whether coverage is to tell of a crate.
fn is_instrumented(crate_name: &str) -> bool {
    let Some(name) = crate_name.strip_prefix("downbeat_") else { return false };
    name == "lsm" || name.ends_with("_targets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_and_the_worlds_are_instrumented_and_nothing_else() {
        for name in ["downbeat_lsm", "downbeat_tree_targets", "downbeat_storage_targets"] {
            assert!(is_instrumented(name), "{name}");
        }
        for name in ["downbeat", "downbeat_model", "downbeat_targets", "tree", "serde"] {
            assert!(!is_instrumented(name), "{name}");
        }
    }
}
