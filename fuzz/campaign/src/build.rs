//! Builds: cargo's commands, the compiler's flags, and the description of a finished build.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use crate::instrument::{instrument, instrument_all};
use crate::observer::Observer;
use crate::process::{self, Ran};
use crate::program::Program;
use crate::{adapters, stale, tools};

/// The triple that this program was built for. In a build for a named triple, build scripts do not
/// get the compiler's flags.
pub(crate) const HOST: &str = env!("DOWNBEAT_HOST");

/// Separates the flags in the variable that takes precedence in cargo.
const SEPARATOR: &str = "\x1f";

/// The variables from which cargo reads the compiler's flags, in order of precedence, and the
/// separator of each. cargo uses only the first variable that is set.
fn flag_variables() -> [(String, &'static str); 4] {
    let target = HOST.to_uppercase().replace('-', "_");
    [
        ("CARGO_ENCODED_RUSTFLAGS".to_owned(), SEPARATOR),
        ("RUSTFLAGS".to_owned(), " "),
        (format!("CARGO_TARGET_{target}_RUSTFLAGS"), " "),
        ("CARGO_BUILD_RUSTFLAGS".to_owned(), " "),
    ]
}

/// The flags of the environment: those of the first variable that is set.
fn flags_of_environment() -> Vec<String> {
    for (variable, separator) in flag_variables() {
        if let Ok(flags) = std::env::var(variable) {
            let flags = flags.split(separator).filter(|flag| !flag.is_empty());
            return flags.map(str::to_owned).collect();
        }
    }
    Vec::new()
}

/// Makes cargo pass to the compiler the flags of the environment and then `flags`, which override
/// them.
pub(crate) fn set_flags(command: &mut Command, flags: &[&str]) {
    let mut all = flags_of_environment();
    all.extend(flags.iter().map(|flag| (*flag).to_owned()));
    for (variable, _) in flag_variables() {
        command.env_remove(variable);
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", all.join(SEPARATOR));
}

/// Like [`set_flags`], for commands that add their own flags to the variable `RUSTFLAGS`.
pub(crate) fn set_plain_flags(command: &mut Command, flags: &[&str]) {
    let mut all = flags_of_environment();
    all.extend(flags.iter().map(|flag| (*flag).to_owned()));
    for (variable, _) in flag_variables() {
        command.env_remove(variable);
    }
    command.env("RUSTFLAGS", all.join(" "));
}

/// What a build optimizes: the time of the build, or the speed of the built program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Built incrementally, in seconds after a change.
    Soon,
    /// Built as one unit of code, in minutes. A tree runs about half as fast again.
    Fast,
}

impl Speed {
    /// Runs of at least this time are worth the longer build.
    const LONG: Duration = Duration::from_secs(600);

    /// The speed for a run of this time.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        if time < Self::LONG { Speed::Soon } else { Speed::Fast }
    }

    /// The profile of cargo for a program of `target`, which is also the name of the folder of such
    /// programs. The workspace of an adapter need not have the profile of campaigns.
    pub(crate) fn profile(self, target: &Listing) -> &'static str {
        match self {
            Speed::Soon => "quick",
            Speed::Fast if target.is_adapter => "release",
            Speed::Fast => "campaign",
        }
    }
}

/// Runs a build and reports it in a line; `what` describes the build.
pub(crate) fn run(
    command: &mut Command,
    what: &str,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<()> {
    observer.waiting(what)?;
    let start = Instant::now();
    let ran = process::run(command, Duration::MAX, stop)?;
    process::finish(command, ran)?;
    Ok(observer.waited(start.elapsed(), "")?)
}

/// The purpose for which the program of a target is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To run inputs for `downbeat`: no engine, no instrumentation.
    Plain,
    /// To be driven by libFuzzer.
    Libfuzzer,
    /// To be loaded by AFL++: no program, but the library with the mutator of a target.
    AflMutator,
}

impl Purpose {
    /// The name of the folder that keeps these programs.
    fn folder(self) -> &'static str {
        match self {
            Purpose::Plain => "plain",
            Purpose::Libfuzzer => "libfuzzer",
            Purpose::AflMutator => "afl-mutator",
        }
    }

    /// The file that cargo builds, below the folder of the profile.
    fn built(self, target: &Listing) -> String {
        match self {
            Purpose::Plain | Purpose::Libfuzzer => target.name.to_owned(),
            Purpose::AflMutator => format!("{DLL_PREFIX}downbeat_afl_mutator{DLL_SUFFIX}"),
        }
    }

    /// The command that builds the program of a target. It compiles no other target.
    fn command(self, project: &Project, target: &Listing, speed: Speed) -> Result<Command> {
        if target.is_adapter {
            return self.command_of_adapter(project, &project.adapters(), target, speed);
        }
        let mut command = tools::cargo(project);
        command
            .args(["build", "--profile", speed.profile(target)])
            // Only the program of the target is built. Naming this program's package too makes
            // cargo give shared dependencies the same features, so that it compiles them once for
            // both.
            .args(["--package", "downbeat-fuzz", "--package", "downbeat-cli"])
            .args(["--no-default-features", "--features"])
            .arg(format!("downbeat-targets/{}", target.name))
            .arg("--target-dir")
            .arg(project.build());
        match self {
            Purpose::Plain | Purpose::Libfuzzer => command.args(["--bin", target.name]),
            Purpose::AflMutator => command.args(["--package", "downbeat-afl-mutator", "--lib"]),
        };
        if self == Purpose::Libfuzzer {
            command.args(["--features", "downbeat-fuzz/libfuzzer"]);
            instrument(&mut command)?;
        }
        Ok(command)
    }

    /// The command that builds the program of an adapter in the workspace at `workspace`.
    fn command_of_adapter(
        self,
        project: &Project,
        workspace: &Path,
        adapter: &Listing,
        speed: Speed,
    ) -> Result<Command> {
        let package = format!("downbeat-{}", adapter.name);
        let mut command = tools::cargo(project);
        command
            .args(["build", "--profile", speed.profile(adapter), "--package", &package])
            .args(["--no-default-features", "--bin", adapter.name, "--manifest-path"])
            .arg(workspace.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.folder_of_adapters(project));
        if self == Purpose::Libfuzzer {
            command.args(["--features", &format!("{package}/libfuzzer")]);
            instrument_all(&mut command, &adapters::instrumented(project)?)?;
        }
        Ok(command)
    }

    /// The build folder of adapters. The wrapper that instruments the crate of an engine does not
    /// change cargo's name of the crate, so each purpose has a folder.
    fn folder_of_adapters(self, project: &Project) -> PathBuf {
        project.build().join("engines").join(self.folder())
    }

    /// What a build is called in a line of progress.
    fn title(self, name: &str) -> String {
        match self {
            Purpose::Plain => format!("building {name}"),
            Purpose::Libfuzzer => format!("building {name} for libFuzzer"),
            Purpose::AflMutator => format!("building the mutator of {name} for AFL++"),
        }
    }
}

/// Builds the plain program of a target, unless it is up to date, and opens it. The build needs no
/// tool besides Rust's.
///
/// # Errors
///
/// Returns an error with the output of the compiler if the build fails.
pub fn plain_program(
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Program> {
    program(Purpose::Plain, project, target, speed, observer, stop)
}

/// Builds the library with the mutator of `target` for AFL++, beside the plain program.
pub(crate) fn afl_mutator(
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<()> {
    let purpose = Purpose::AflMutator;
    let command = purpose.command(project, target, speed)?;
    let built = build(command, target.name, purpose, project, target, speed, observer, stop)?;
    if let Some(time) = built.time {
        observer.waited(time, "")?;
    }
    Ok(())
}

/// The library that [`afl_mutator`] built beside the plain program of a target.
pub(crate) fn afl_mutator_of(program: &Program) -> PathBuf {
    let folders = program.path().ancestors().nth(2).expect("a program is two folders down");
    folders.join(Purpose::AflMutator.folder()).join(program.name())
}

/// Builds the program of `target` and opens it. If the build takes longer than a moment, reports it
/// to the observer, with the sanitizer and the overflow checks of the program.
pub(crate) fn program(
    purpose: Purpose,
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Program> {
    let command = purpose.command(project, target, speed)?;
    let built = build(command, target.name, purpose, project, target, speed, observer, stop)?;
    open(&built, target, observer)
}

/// Builds the program of an adapter with a version of its engine, in a workspace that pins the
/// version, and opens it.
pub(crate) fn program_of_version(
    purpose: Purpose,
    project: &Project,
    (adapter, version, workspace): (&'static Listing, &str, &Path),
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Program> {
    let command = purpose.command_of_adapter(project, workspace, adapter, speed)?;
    let name = format!("{}-{version}", adapter.name);
    let built = build(command, &name, purpose, project, adapter, speed, observer, stop)?;
    open(&built, adapter, observer)
}

/// Opens a program that was built.
fn open(built: &Built, target: &'static Listing, observer: &mut dyn Observer) -> Result<Program> {
    let program = Program::open(target, &built.path)?;
    if let Some(time) = built.time {
        observer.waited(time, &format!(" ({})", program.describe_build()))?;
    }
    Ok(program)
}

/// A file that was built.
struct Built {
    path: PathBuf,
    /// The time of the build, if it took longer than a moment. The observer waits for it then.
    time: Option<Duration>,
}

/// Runs a build, unless its file is up to date. The file is kept under `name`.
#[expect(clippy::too_many_arguments, reason = "the arguments of a build, and its command")]
fn build(
    mut command: Command,
    name: &str,
    purpose: Purpose,
    project: &Project,
    target: &'static Listing,
    speed: Speed,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Built> {
    const MOMENT: Duration = Duration::from_millis(400);
    let start = Instant::now();
    let mut ran = process::run(&mut command, MOMENT, stop)?;
    // `process::run` ended the first cargo. The second cargo continues its build.
    let is_long = matches!(ran, Ran::TooLong);
    if is_long {
        observer.waiting(&purpose.title(name))?;
        ran = process::run(&mut command, Duration::MAX, stop)?;
    }
    if !target.is_adapter && stale::caused(&ran) {
        stale::remove(project, speed.profile(target), stop)?;
        ran = process::run(&mut command, Duration::MAX, stop)?;
    }
    process::finish(&command, ran)?;
    let path = keep(project, target, name, purpose, speed)?;
    Ok(Built { path, time: is_long.then(|| start.elapsed()) })
}

/// Links the file that cargo has just built into the folder of its purpose, as `name`. Returns the
/// path of the link. cargo writes the files of all purposes, and of all versions of an engine, to
/// the same path, so each build replaces the file of the previous build.
fn keep(
    project: &Project,
    target: &Listing,
    name: &str,
    purpose: Purpose,
    speed: Speed,
) -> Result<PathBuf> {
    let build = match target.is_adapter {
        true => purpose.folder_of_adapters(project),
        false => project.build(),
    };
    let built = build.join(speed.profile(target)).join(purpose.built(target));
    let folder =
        project.build().join("programs").join(speed.profile(target)).join(purpose.folder());
    let kept = folder.join(name);
    let reason = || format!("cannot keep {} as {}", built.display(), kept.display());
    std::fs::create_dir_all(&folder).with_context(reason)?;
    let scratch = folder.join(format!(".{name}-{}", std::process::id()));
    let linked = std::fs::hard_link(&built, &scratch);
    linked.or_else(|_| std::fs::copy(&built, &scratch).map(drop)).with_context(reason)?;
    std::fs::rename(&scratch, &kept).with_context(reason)?;
    // A rename of one link to another link of the same file does nothing, so the old link may
    // remain.
    let _ = std::fs::remove_file(&scratch);
    Ok(kept)
}
