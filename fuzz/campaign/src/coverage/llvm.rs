//! Finds LLVM's tools that read coverage counters.
//!
//! The tools must be at least as new as the LLVM of the compiler. Older tools refuse its counters.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;

use super::HOST;

/// The tools are searched for with the compiler's LLVM version in their name, and with up to this
/// many later versions.
const NEWER_MAX: u32 = 4;

/// The two tools, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Llvm {
    /// The program `llvm-cov`.
    pub cov: PathBuf,
    /// The program `llvm-profdata`.
    pub profdata: PathBuf,
}

impl Llvm {
    /// Finds the tools: first in rustup's component, then as programs with a version in their name,
    /// then as programs without a version in their name.
    ///
    /// # Errors
    ///
    /// Returns an error that says how to install the tools if there are none, or rustc cannot run.
    pub fn find(project: &Project) -> Result<Self> {
        let rustc = |arguments: &[&str]| {
            let mut command = Command::new("rustc");
            command.args(arguments).current_dir(project.root());
            say(&mut command).context("cannot run rustc; install Rust from rustup.rs")
        };
        let needed = rustc(&["-vV"])?;
        let needed = major(&needed).context("rustc -vV does not name its LLVM version")?;
        let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?.trim());
        let component = sysroot.join("lib/rustlib").join(HOST).join("bin");
        let named = |folder: PathBuf, suffix: String| Llvm {
            cov: folder.join(format!("llvm-cov{suffix}")),
            profdata: folder.join(format!("llvm-profdata{suffix}")),
        };
        let versions = (needed..=needed + NEWER_MAX).map(|version| format!("-{version}"));
        let on_path = versions.chain([String::new()]).map(|suffix| named(PathBuf::new(), suffix));
        let found = std::iter::once(named(component, String::new()))
            .chain(on_path)
            .find(|llvm| llvm.version().is_some_and(|version| version >= needed));
        let Some(found) = found else {
            bail!(
                "llvm-cov and llvm-profdata of LLVM {needed} or newer are not installed; run \
                 \"apt-get install llvm-{needed}\" or \"rustup component add llvm-tools\""
            )
        };
        Ok(found)
    }

    /// The version of the tools, the older one if they differ; `None` if a tool is missing.
    fn version(&self) -> Option<u32> {
        let of = |program: &PathBuf| major(&say(Command::new(program).arg("--version")).ok()?);
        of(&self.cov)?.min(of(&self.profdata)?).into()
    }
}

fn say(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first number after "LLVM version", with or without a colon.
fn major(said: &str) -> Option<u32> {
    let (_, behind) = said.split_once("LLVM version")?;
    let number = behind.trim_start_matches([':', ' ']);
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_the_output_of_tools_and_compiler() {
        assert_eq!(major("rustc 1.95.0\nhost: x\nLLVM version: 22.1.2\n"), Some(22));
        assert_eq!(major("Debian LLVM version 14.0.6\n  Optimized build.\n"), Some(14));
        assert_eq!(major("something else"), None);
    }
}
