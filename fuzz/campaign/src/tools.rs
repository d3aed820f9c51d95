//! Programs that cargo installs: at a pinned version, in the build folder, once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat::project::Project;

use crate::observer::Observer;
use crate::process::{self, Ran};

/// A cargo subcommand that a driver needs.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// The package and its program, `cargo-NAME`.
    pub package: &'static str,
    /// The one version that is used, so that every machine builds alike.
    pub version: &'static str,
    /// How long it takes to install, in words.
    pub takes: &'static str,
}

/// Builds libFuzzer targets.
pub const CARGO_FUZZ: Tool =
    Tool { package: "cargo-fuzz", version: "0.13.2", takes: "about a minute" };

impl Tool {
    /// Installs the tool unless the build folder, or the machine, has it at this version.
    ///
    /// # Errors
    ///
    /// Cargo could not install it; with what cargo said.
    pub fn ensure(
        &self,
        project: &Project,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<()> {
        if self.is_here(project) {
            return Ok(());
        }
        let root = folder(project);
        observer.waiting(&format!(
            "{} {} is not here; installing it in target/tools ({})",
            self.package, self.version, self.takes
        ))?;
        let start = Instant::now();
        let mut command = cargo(project);
        command
            // Its speed hardly matters, the wait for it does: no optimisation.
            .args(["install", "--locked", "--debug", "--force", "--version", self.version])
            .arg("--root")
            .arg(&root)
            .arg("--target-dir")
            .arg(project.build().join("tools-build"))
            .arg(self.package);
        match process::run(&mut command, Duration::MAX, stop)? {
            Ran::Ended(status, _) if status.success() => observer.waited(start.elapsed())?,
            Ran::Ended(_, said) => bail!(
                "cargo install {} {} failed: {}",
                self.package,
                self.version,
                process::last_line(&said)
            ),
            Ran::TooLong | Ran::Stopped => bail!("interrupted"),
        }
        Ok(())
    }

    fn is_here(&self, project: &Project) -> bool {
        let output = Command::new(self.package)
            .env("PATH", path(project))
            .arg("--version")
            .stdin(Stdio::null())
            .output();
        output.is_ok_and(|output| {
            let said = String::from_utf8_lossy(&output.stdout);
            said.split_whitespace().any(|word| word == self.version)
        })
    }
}

/// A cargo that finds the tools of the build folder first.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new("cargo");
    command.env("PATH", path(project)).current_dir(project.root());
    command
}

fn folder(project: &Project) -> PathBuf {
    project.build().join("tools")
}

fn path(project: &Project) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let own = folder(project).join("bin");
    let folders = std::iter::once(own).chain(std::env::split_paths(&rest));
    // A folder with a colon in its name cannot stand in PATH; then the machine's tools serve.
    std::env::join_paths(folders).unwrap_or(rest)
}

/// Whether a new file can be made in `folder`, which is made if it is missing.
///
/// # Errors
///
/// It cannot; with the folder's name.
pub fn ensure_writable(folder: &Path) -> Result<()> {
    let reason = || format!("cannot write in the folder {}", folder.display());
    std::fs::create_dir_all(folder).with_context(reason)?;
    tempfile::NamedTempFile::new_in(folder).with_context(reason)?;
    Ok(())
}
