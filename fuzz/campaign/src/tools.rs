//! The tools that drivers need.
//!
//! Cargo's tools are installed once, in a pinned version, in the build folder. Debian's packages
//! are only checked.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::project::Project;

use crate::observer::Observer;
use crate::process::{self, Ran};

/// A cargo subcommand that a driver needs.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// The name of the package.
    pub package: &'static str,
    /// The arguments with which cargo prints the tool's version.
    pub asked: [&'static str; 2],
    /// The version. All machines use the same one.
    pub version: &'static str,
    /// How long the installation takes, in words.
    pub takes: &'static str,
}

/// The tool that builds AFL++, and programs for AFL++.
pub const CARGO_AFL: Tool = Tool {
    package: "cargo-afl",
    asked: ["afl", "--version"],
    version: "0.18.2",
    takes: "about a minute, AFL++ included",
};

/// The tool that builds honggfuzz, and programs for honggfuzz.
pub const CARGO_HFUZZ: Tool = Tool {
    package: "honggfuzz",
    asked: ["hfuzz", "version"],
    version: "0.5.62",
    takes: "some seconds",
};

/// The tool that builds and runs bolero's properties.
pub const CARGO_BOLERO: Tool = Tool {
    package: "cargo-bolero",
    asked: ["bolero", "--version"],
    version: "0.13.5",
    takes: "about a minute",
};

/// The tool that lists mutants of the core.
pub const CARGO_MUTANTS: Tool = Tool {
    package: "cargo-mutants",
    asked: ["mutants", "--version"],
    version: "27.1.0",
    takes: "about a minute",
};

impl Tool {
    /// Installs the tool in the build folder, unless its pinned version is already installed there
    /// or on the machine.
    ///
    /// # Errors
    ///
    /// Returns an error with the last line of cargo's output if the installation fails or `stop` is
    /// set.
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
            "{} {} is not installed; installing it in target/tools ({})",
            self.package, self.version, self.takes
        ))?;
        let start = Instant::now();
        let mut command = cargo(project);
        command
            // `--debug` because the speed of the tool hardly matters, but its build should be
            // short.
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

    /// Whether the pinned version is installed, in the build folder or on the machine.
    #[must_use]
    pub fn is_here(&self, project: &Project) -> bool {
        let output = cargo(project).args(self.asked).stdin(Stdio::null()).output();
        output.is_ok_and(|output| {
            let said = String::from_utf8_lossy(&output.stdout);
            said.split_whitespace().any(|word| word == self.version)
        })
    }
}

/// A cargo command that prefers the tools in the build folder to those of the machine. The tools
/// keep their data in the build folder, too.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new("cargo");
    command
        .env("PATH", path(project))
        .env("XDG_DATA_HOME", data(project))
        .current_dir(project.root());
    command
}

/// The folder for data that tools would otherwise keep in the user's home, such as AFL++ itself.
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
    // PATH cannot contain a folder with a colon in its name. Then only the machine's tools are
    // used.
    std::env::join_paths(folders).unwrap_or(rest)
}

/// A Debian package that a driver needs. Cargo cannot install it.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// The name of the package.
    pub name: &'static str,
    /// A command that succeeds if the package is installed.
    pub seen_by: &'static [&'static str],
}

/// What a driver needs besides Rust.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Debian packages.
    pub packages: &'static [Package],
    /// Tools that cargo installs.
    pub tools: &'static [Tool],
}

impl Needs {
    /// Nothing besides Rust.
    pub const NOTHING: Needs = Needs { packages: &[], tools: &[] };

    /// Checks that the packages are installed, and installs the missing tools.
    ///
    /// # Errors
    ///
    /// Returns an error with the command that installs the missing packages, and the errors of
    /// [`Tool::ensure`].
    pub fn ensure(
        &self,
        project: &Project,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<()> {
        let missing = self.missing_packages();
        ensure!(missing.is_empty(), "{}", ask_for(&missing));
        self.tools.iter().try_for_each(|tool| tool.ensure(project, observer, stop))
    }

    /// The packages that are not installed.
    #[must_use]
    pub fn missing_packages(&self) -> Vec<&'static str> {
        let missing = self.packages.iter().filter(|package| !package.is_installed());
        missing.map(|package| package.name).collect()
    }
}

/// A line that says how to install packages.
pub(crate) fn ask_for(packages: &[&str]) -> String {
    let names = packages.join(" ");
    format!("{names} not installed; run \"apt-get install {names}\" first")
}

impl Package {
    fn is_installed(&self) -> bool {
        let [program, arguments @ ..] = self.seen_by else { return false };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// A C++ compiler, which builds the engines. The crate that builds libFuzzer reads `CXX`, too.
pub const CXX: Package =
    Package { name: "g++", seen_by: &["sh", "-c", "\"${CXX:-c++}\" --version"] };

/// `make`.
pub const MAKE: Package = Package { name: "make", seen_by: &["make", "--version"] };

/// The library that reads object files.
pub const BINUTILS: Package = Package {
    name: "binutils-dev",
    seen_by: &["cc", "-E", "-DPACKAGE", "-include", "bfd.h", "-x", "c", "/dev/null"],
};

/// The library that unwinds stacks.
pub const LIBUNWIND: Package = Package {
    name: "libunwind-dev",
    seen_by: &["cc", "-E", "-include", "libunwind-ptrace.h", "-x", "c", "/dev/null"],
};

/// Checks that a file can be created in `folder`, which is created if it does not exist.
///
/// # Errors
///
/// Returns an error with the folder's name if this fails.
pub fn ensure_writable(folder: &Path) -> Result<()> {
    let reason = || format!("cannot write to the folder {}", folder.display());
    std::fs::create_dir_all(folder).with_context(reason)?;
    tempfile::NamedTempFile::new_in(folder).with_context(reason)?;
    Ok(())
}
