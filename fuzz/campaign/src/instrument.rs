//! Instrumentation for libFuzzer: cargo also runs this program as a wrapper of the compiler.
//!
//! cargo calls the wrapper with the compiler and the compiler's arguments. The wrapper adds the
//! flags of instrumentation for the core and for the worlds of the targets. Models, encodings, the
//! core's checksum and dependencies are compiled without the flags, so libFuzzer sees no edges of
//! the suite itself, and an instrumented build shares its dependencies with the plain build.
//!
//! Trap: cargo identifies the wrapper only by its path. After a change of the flags below, run
//! `cargo clean --profile quick`, or cargo reuses the crates that were compiled with the old flags.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

/// If this environment variable is set, this program acts as the wrapper. Its value may list crates
/// of engines, with commas between them.
const VARIABLE: &str = "DOWNBEAT_INSTRUMENT";

/// The flags of cargo-fuzz, without a sanitizer and without tracing of comparisons
/// ([`crate::driver`] says why), and without tracing of indirect calls, which level 4 would add:
/// libFuzzer uses it only with value profiles. Unlike cargo-fuzz, they do not set the number of
/// codegen units to 1, because with many units a changed line is recompiled in seconds.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Makes a cargo command instrument its build.
pub(crate) fn instrument(cargo: &mut Command) -> Result<()> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    cargo.env("RUSTC_WORKSPACE_WRAPPER", program).env(VARIABLE, "1");
    Ok(())
}

/// Makes a cargo command instrument these crates, whose names have commas between them, and the
/// target for engines, wherever they come from.
pub(crate) fn instrument_all(cargo: &mut Command, crates: &str) -> Result<()> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    cargo.env("RUSTC_WRAPPER", program).env(VARIABLE, format!("downbeat_engine,{crates}"));
    Ok(())
}

/// Replaces this process by the compiler if cargo started this program as its wrapper. Otherwise
/// returns without effect.
///
/// # Errors
///
/// Returns an error if the compiler cannot be started.
pub fn become_compiler_if_asked() -> Result<()> {
    let Ok(chosen) = std::env::var(VARIABLE) else { return Ok(()) };
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().context("cargo passed no compiler to the wrapper")?;
    let arguments: Vec<_> = arguments.collect();
    let name = arguments.iter().skip_while(|argument| *argument != "--crate-name").nth(1);
    let mut command = Command::new(&compiler);
    command.args(&arguments);
    if name.is_some_and(|name| is_instrumented(&chosen, &name.to_string_lossy())) {
        command.args(FLAGS);
    }
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start {}", compiler.display()))
}

/// Whether a crate is compiled with the flags of instrumentation. `chosen` lists crates of engines.
fn is_instrumented(chosen: &str, crate_name: &str) -> bool {
    if chosen.split(',').any(|name| name == crate_name) {
        return true;
    }
    let Some(name) = crate_name.strip_prefix("downbeat_") else { return false };
    name == "lsm" || name.ends_with("_targets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_core_and_the_worlds_are_instrumented() {
        for name in ["downbeat_lsm", "downbeat_tree_targets", "downbeat_storage_targets"] {
            assert!(is_instrumented("1", name), "{name}");
        }
        assert!(is_instrumented("downbeat_engine,redb", "redb"));
        for name in [
            "downbeat",
            "downbeat_checksum",
            "downbeat_model",
            "downbeat_targets",
            "tree",
            "nanoserde",
        ] {
            assert!(!is_instrumented("downbeat_engine,redb", name), "{name}");
        }
    }
}
