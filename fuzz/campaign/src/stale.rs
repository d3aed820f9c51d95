//! Stale object files of an incremental build.
//!
//! The optimizer renames symbols that the object files of a crate share. The incremental compiler
//! sometimes replaces the file that defines such a symbol, and keeps a file that uses its old name
//! (rust-lang/rust#81280). Linking then fails in this build and in every later build, until the
//! whole crate is compiled again. The failure needs link-time optimization within a crate. It stays
//! on in the profile `quick`, because without it `tree` makes a third fewer steps in the same time,
//! and `table` less than half.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;

use crate::process::{self, Ran};
use crate::tools;

/// Whether a build failed because of a stale object file.
pub(crate) fn caused(ran: &Ran) -> bool {
    match ran {
        Ran::Ended(status, said) => !status.success() && misses_renamed_symbol(said),
        Ran::TooLong | Ran::Stopped => false,
    }
}

fn misses_renamed_symbol(said: &str) -> bool {
    said.lines().any(|line| line.contains("undefined") && line.contains(".llvm."))
}

/// Removes what cargo built of the packages of this project. The file of this program stays.
pub(crate) fn remove(project: &Project, profile: &str, stop: &AtomicBool) -> Result<()> {
    let mut clean = tools::cargo(project);
    clean.args(["clean", "--quiet", "--workspace", "--profile", profile]);
    clean.arg("--target-dir").arg(project.build());
    // The file is renamed, not copied: this program starts itself by the path of its file, which
    // the system forgets if the file is removed.
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let kept = project.build().join(format!("downbeat-{}", std::process::id()));
    let reason = || format!("cannot keep {} as {}", program.display(), kept.display());
    std::fs::rename(&program, &kept).with_context(reason)?;
    let ran = process::run(&mut clean, Duration::MAX, stop);
    let folder = program.parent().expect("a program is in a folder");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::rename(&kept, &program))
        .with_context(|| format!("cannot rename {} to {}", kept.display(), program.display()))?;
    process::finish(&clean, ran?)
}

#[cfg(test)]
mod tests {
    use super::misses_renamed_symbol;

    #[test]
    fn only_a_missing_symbol_of_the_optimizer_is_a_stale_file() {
        let renamed = "rust-lld: error: undefined hidden symbol: anon.ea11.49.llvm.1565593772348";
        assert!(misses_renamed_symbol(&format!("error: linking failed\n{renamed}\n")));
        assert!(misses_renamed_symbol("ld: undefined reference to `anon.3397.2.llvm.13934'"));
        assert!(!misses_renamed_symbol("rust-lld: error: undefined symbol: close_range"));
        assert!(!misses_renamed_symbol("error[E0425]: cannot find value `llvm` in this scope"));
    }
}
