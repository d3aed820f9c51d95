//! The entry point of libFuzzer: one call an execution.
//!
//! A finding is a panic; libfuzzer-sys turns it into an abort, and libFuzzer writes the input.
//!
//! # Panics
//!
//! As said; also if there is no target of the name, or its file of counters cannot be mapped.

use std::cell::RefCell;
use std::path::Path;

use crate::counters::{self, Counters, Figures};
use crate::runner::Runner;

struct Process {
    runner: Box<dyn Runner>,
    counters: Option<Counters>,
    figures: Figures,
}

impl Process {
    fn new(target: &str) -> Self {
        let target = crate::find_target(target).unwrap_or_else(|| panic!("no target \"{target}\""));
        let mut runner = target.runner();
        runner.set_canary(std::env::var_os(super::CANARY_VARIABLE).is_some());
        let counters = std::env::var_os(counters::VARIABLE).map(|path| {
            Counters::open(Path::new(&path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.to_string_lossy()))
        });
        Process { runner, counters, figures: Figures::default() }
    }
}

thread_local! {
    static PROCESS: RefCell<Option<Process>> = const { RefCell::new(None) };
}

/// Runs one input of target `target`, on the world of this process.
///
/// # Panics
///
/// With the failure, if the input fails.
pub fn execute(target: &'static str, bytes: &[u8]) {
    PROCESS.with_borrow_mut(|process| {
        let process = process.get_or_insert_with(|| Process::new(target));
        match process.runner.run(bytes) {
            Ok(run) => process.figures.add(run.tally()),
            Err(failure) => panic!("{failure}"),
        }
        if let Some(counters) = &mut process.counters {
            counters.publish(&process.figures);
        }
    });
}
