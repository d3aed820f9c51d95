//! Tests that need the program of a target: findings, sweeps, corpora, campaigns.
//!
//! The program of each target is this program, called by the target's name. Drivers are also
//! started through this program. So it has its own `main`, and `libtest-mimic` runs its tests like
//! any others.

mod campaign;
mod corpus;
mod faults;
mod programs;
mod shrinking;
mod sweep;
mod triage;
mod versions;

use std::process::ExitCode;

use downbeat_campaign::tether::become_command_if_asked;
use libtest_mimic::{Arguments, Trial};

/// The tests of a module: the name and the function of each.
type Cases = &'static [(&'static str, fn())];

/// Makes the list `ALL` of a module's tests.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const ALL: crate::Cases = &[$((stringify!($name), $name)),+];
    };
}
use cases;

fn main() -> ExitCode {
    become_command_if_asked().expect("a driver starts");
    if let Some(status) = programs::serve_if_asked() {
        return status;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, root] = &words[..]
        && word == shrinking::FILE_SLOWLY
    {
        shrinking::file_slowly(root);
        return ExitCode::SUCCESS;
    }
    let modules =
        [campaign::ALL, corpus::ALL, shrinking::ALL, sweep::ALL, triage::ALL, versions::ALL];
    let trials = modules.into_iter().flatten().map(|(name, case)| {
        Trial::test(*name, move || {
            case();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
