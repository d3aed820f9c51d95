//! Says which drivers work on this machine and which do not, why, and what to do. Installs and
//! builds nothing.

use std::path::Path;

use downbeat_protocol::project::Project;

use crate::coverage::Llvm;
use crate::driver::{DRIVERS, Driver};
use crate::{space, tools};

/// Free space that the programs of all targets, for one driver, need in the build folder.
const BUILD_BYTES: u64 = 8 << 30;

/// Free space that campaigns need in the folder for temporary files.
const TEMPORARY_BYTES: u64 = 1 << 30;

/// Whether something works on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs at once.
    Works,
    /// The first run installs or builds what is missing, without help.
    Prepares,
    /// It needs something that only the user can provide.
    Fails,
}

/// The state of a driver, or of another part of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The name of the driver or command.
    pub name: &'static str,
    /// Whether it works.
    pub state: State,
    /// What it uses, or what is missing and what to do, in a line.
    pub why: String,
}

/// Examines every driver, and what the command `coverage` needs.
#[must_use]
pub fn examine(project: &Project) -> Vec<Diagnosis> {
    let mut all: Vec<Diagnosis> = DRIVERS.map(|driver| examine_driver(project, driver)).to_vec();
    let (state, why) = match Llvm::find(project) {
        Ok(llvm) => (State::Works, format!("{}", llvm.cov.display())),
        Err(error) => (State::Fails, format!("{error:#}")),
    };
    all.push(Diagnosis { name: "coverage", state, why });
    all
}

fn examine_driver(project: &Project, driver: &dyn Driver) -> Diagnosis {
    let needs = driver.needs();
    let diagnosis = |state, why| Diagnosis { name: driver.name(), state, why };
    let missing = needs.missing_packages();
    if !missing.is_empty() {
        return diagnosis(State::Fails, tools::ask_for(&missing));
    }
    if let Some(why) = driver.hindrance() {
        return diagnosis(State::Fails, why);
    }
    if let Some(tool) = needs.tools.iter().find(|tool| !tool.is_here(project)) {
        let why = format!(
            "{} {} is not installed; the first run installs it in target/tools ({})",
            tool.package, tool.version, tool.takes
        );
        return diagnosis(State::Prepares, why);
    }
    if let Some(why) = driver.first_run(project) {
        return diagnosis(State::Prepares, why);
    }
    let tools = needs.tools.iter().map(|tool| format!("{} {}", tool.package, tool.version));
    let packages = needs.packages.iter().map(|package| package.name.to_owned());
    let uses: Vec<String> = tools.chain(packages).collect();
    diagnosis(State::Works, uses.join(", "))
}

/// What makes runs on this machine slower or may end them, and what to do, in a line each.
#[must_use]
pub fn remarks(project: &Project) -> Vec<String> {
    let mut remarks = Vec::new();
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.starts_with('|') {
        let advice = "run \"sysctl -w kernel.core_pattern=core\" as root";
        remarks.push(format!(
            "the system passes core dumps to a program, so AFL++ notices crashes late; {advice}"
        ));
    }
    let build = project.build();
    let build = if build.is_dir() { build } else { project.root().to_owned() };
    let temporary = std::env::temp_dir();
    for (folder, needed) in [(build, BUILD_BYTES), (temporary, TEMPORARY_BYTES)] {
        remarks.extend(space::free(&folder).and_then(|free| lack(&folder, free, needed)));
    }
    remarks
}

/// A remark if a folder has less free space than is needed.
fn lack(folder: &Path, free: u64, needed: u64) -> Option<String> {
    let gigabytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    (free < needed).then(|| {
        format!(
            "{} has {:.1} GiB of free space, and runs may need {:.0}; remove files",
            folder.display(),
            gigabytes(free),
            gigabytes(needed)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_disk_is_remarked() {
        let folder = Path::new("/there");
        assert_eq!(lack(folder, 2 << 30, 1 << 30), None);
        let said = lack(folder, 1 << 29, 1 << 30).expect("too little");
        assert!(
            said.starts_with("/there has 0.5 GiB of free space, and runs may need 1; "),
            "{said}"
        );
        assert!(space::free(&std::env::temp_dir()).is_some());
    }
}
