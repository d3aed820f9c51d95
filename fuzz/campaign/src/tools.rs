//! Programs that cargo installs: at a pinned version, in the build folder, once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;

use crate::observer::Observer;
use crate::process::{self, Ran};

/// A cargo subcommand that a driver needs.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// The package.
    pub package: &'static str,
    /// What cargo is told to say its version.
    pub asked: [&'static str; 2],
    /// The one version that is used, so that every machine builds alike.
    pub version: &'static str,
    /// How long it takes to install, in words.
    pub takes: &'static str,
}

/// Builds libFuzzer targets.
pub const CARGO_FUZZ: Tool = Tool {
    package: "cargo-fuzz",
    asked: ["fuzz", "--version"],
    version: "0.13.2",
    takes: "about a minute",
};

/// Builds programs for AFL++, and brings it along.
pub const CARGO_AFL: Tool = Tool {
    package: "cargo-afl",
    asked: ["afl", "--version"],
    version: "0.18.2",
    takes: "about a minute, AFL++ included",
};

/// Builds programs for honggfuzz, and honggfuzz with them.
pub const CARGO_HFUZZ: Tool = Tool {
    package: "honggfuzz",
    asked: ["hfuzz", "version"],
    version: "0.5.62",
    takes: "some seconds",
};

/// Builds and runs bolero's properties.
pub const CARGO_BOLERO: Tool = Tool {
    package: "cargo-bolero",
    asked: ["bolero", "--version"],
    version: "0.13.5",
    takes: "about a minute",
};

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
            Ran::Ended(status, _) if status.success() => observer.waited(start.elapsed(), "")?,
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
        let output = cargo(project).args(self.asked).stdin(Stdio::null()).output();
        output.is_ok_and(|output| {
            let said = String::from_utf8_lossy(&output.stdout);
            said.split_whitespace().any(|word| word == self.version)
        })
    }
}

/// A cargo that finds the tools of the build folder first, and keeps their data there.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new("cargo");
    command
        .env("PATH", path(project))
        .env("XDG_DATA_HOME", data(project))
        .current_dir(project.root());
    command
}

/// Where tools keep what they would keep in the user's home: AFL++ itself, for one.
pub(crate) fn data(project: &Project) -> PathBuf {
    folder(project).join("data")
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

/// What a driver needs of the machine: cargo cannot install it.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Debian's name for it.
    pub name: &'static str,
    /// A command that succeeds where it is.
    pub seen_by: &'static [&'static str],
}

/// `make`.
pub const MAKE: Package = Package { name: "make", seen_by: &["make", "--version"] };

/// The library that reads programs.
pub const BINUTILS: Package = Package {
    name: "binutils-dev",
    seen_by: &["cc", "-E", "-DPACKAGE", "-include", "bfd.h", "-x", "c", "/dev/null"],
};

/// The library that unwinds stacks.
pub const LIBUNWIND: Package = Package {
    name: "libunwind-dev",
    seen_by: &["cc", "-E", "-include", "libunwind-ptrace.h", "-x", "c", "/dev/null"],
};

/// Whether the machine has what `driver` needs.
///
/// # Errors
///
/// It lacks something; with the command that installs it.
pub fn ensure_packages(driver: &str, packages: &[Package]) -> Result<()> {
    let missing = packages.iter().filter(|package| {
        let [program, arguments @ ..] = package.seen_by else { return false };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        !command.status().is_ok_and(|status| status.success())
    });
    let missing: Vec<&str> = missing.map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{driver} needs packages that are not here; run: apt-get install {}", missing.join(" "))
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
