//! The program under test, and a checkout in which it runs.
//!
//! The checkouts of the tests have the program of the target `cache_map`, which is an example of
//! this package, and a `cargo` that does nothing.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use downbeat_protocol::registry::TARGETS;
use tempfile::TempDir;

/// The result of a run of the program.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command that runs the program with `arguments` in `folder`. `RUST_BACKTRACE` is set, because
/// the program must not print a backtrace even then.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downbeat"));
    command.args(arguments).current_dir(folder).env("RUST_BACKTRACE", "1");
    command
}

/// Runs the program in `folder`.
pub(crate) fn downbeat_in(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments).output().expect("the program starts");
    Output {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The program of the target `cache_map`.
fn cache_map() -> PathBuf {
    let downbeat = Path::new(env!("CARGO_BIN_EXE_downbeat"));
    let built = downbeat.with_file_name("examples").join("cache_map");
    assert!(built.exists(), "run `cargo build --package downbeat-cli --examples` before one test");
    built
}

/// Runs the program in a new checkout.
pub(crate) fn downbeat(arguments: &[&str]) -> Output {
    Checkout::new().downbeat(arguments)
}

/// The parts of a checkout that the program needs.
pub(crate) struct Checkout {
    pub(crate) folder: TempDir,
}

impl Checkout {
    /// A checkout without a program.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("corpus")).expect("a folder");
        std::fs::write(folder.path().join("corpus/VERSION"), "1\n").expect("a file");
        Checkout { folder }
    }

    /// A checkout in which the program of `cache_map` is built.
    pub(crate) fn new() -> Self {
        let checkout = Checkout::bare();
        let tools = checkout.folder.path().join("target/tools/bin");
        std::fs::create_dir_all(&tools).expect("a folder");
        checkout.add_tool("cargo", "#!/bin/sh\n");
        checkout.add_program("cache_map");
        checkout
    }

    /// A checkout in which the program of every target is built. To save builds, each is the
    /// program of `cache_map`.
    pub(crate) fn with_all_programs() -> Self {
        let checkout = Checkout::new();
        let others = TARGETS.iter().filter(|target| target.name != "cache_map");
        others.for_each(|target| checkout.add_program(target.name));
        checkout
    }

    /// Adds a program to the folder of installed tools, which comes first in `PATH`.
    pub(crate) fn add_tool(&self, name: &str, script: &str) {
        let path = self.write(&format!("target/tools/bin/{name}"), script.as_bytes());
        let executable = PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, executable).expect("a file");
    }

    fn add_program(&self, target: &str) {
        let folder = self.folder.path().join("target/quick");
        std::fs::create_dir_all(&folder).expect("a folder");
        symlink(cache_map(), folder.join(target)).expect("a link");
    }

    pub(crate) fn downbeat(&self, arguments: &[&str]) -> Output {
        downbeat_in(self.folder.path(), arguments)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.folder.path().join(name), bytes).expect("a file");
        self.path(name)
    }
}
