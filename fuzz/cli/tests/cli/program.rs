//! The program under test, and a checkout for it to work in.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with `arguments` in `folder`, asked for backtraces: they must not show.
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

/// Runs the program in a checkout of its own.
pub(crate) fn downbeat(arguments: &[&str]) -> Output {
    Checkout::new().downbeat(arguments)
}

/// As much of a checkout as the program looks for.
pub(crate) struct Checkout {
    pub(crate) folder: TempDir,
}

impl Checkout {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("corpus")).expect("a folder");
        std::fs::write(folder.path().join("corpus/VERSION"), "1\n").expect("a file");
        Checkout { folder }
    }

    pub(crate) fn downbeat(&self, arguments: &[&str]) -> Output {
        downbeat_in(self.folder.path(), arguments)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    /// Writes a file; its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.folder.path().join(name), bytes).expect("a file");
        self.path(name)
    }
}
