//! The program of each target in these tests: a link with the target's name to this program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use downbeat::AnyTarget;
use downbeat::drivers;
use downbeat_campaign::Program;
use downbeat_protocol::SERVICE_VARIABLE;

use crate::{faults, sweep};

/// The variable with the path of a folder. Each process that serves requests creates a file there,
/// named by its process number.
pub(crate) const PROCESSES_VARIABLE: &str = "DOWNBEAT_TEST_PROCESSES";

/// The target of this name.
pub(crate) fn target(name: &str) -> &'static dyn AnyTarget {
    let toys = faults::TARGETS.into_iter().chain([sweep::TOY]);
    let toy = toys.into_iter().find(|target| target.name() == name);
    toy.or_else(|| downbeat_targets::find_target(name)).expect("a known target")
}

/// The program of the target of this name.
pub(crate) fn program(name: &str) -> Program {
    Program::open(target(name).listing(), &link(name)).expect("the program answers")
}

/// Makes a link to this program. Several processes may make the same link at once.
fn link(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let scratch = tempfile::tempdir_in(&folder).expect("a folder");
    let (made, link) = (scratch.path().join(name), folder.join(name));
    let this = std::env::current_exe().expect("this program");
    std::os::unix::fs::symlink(this, &made).expect("a link");
    std::fs::rename(&made, &link).expect("the link replaces the last one");
    link
}

/// Serves requests until standard input ends, if the variable `DOWNBEAT_SERVICE` is set. The name
/// by which this program is called is the name of the target.
pub(crate) fn serve_if_asked() -> Option<ExitCode> {
    std::env::var_os(SERVICE_VARIABLE)?;
    if let Some(folder) = std::env::var_os(PROCESSES_VARIABLE) {
        let file = Path::new(&folder).join(std::process::id().to_string());
        std::fs::write(file, "").expect("a file");
    }
    let called = std::env::args_os().next().expect("a program is called by a name");
    let name = Path::new(&called).file_name().expect("the link of a target").to_string_lossy();
    drivers::program::serve_if_asked(target(&name))
}
