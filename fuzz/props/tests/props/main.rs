//! The targets as bolero properties: one test for each target, with its name.
//!
//! `cargo test` runs some inputs of the committed corpus, and then random inputs, which are the
//! same each time. The suite in `fuzz/targets/tests` replays whole corpora. To fuzz the property of
//! a target: `cargo bolero test TARGET -p downbeat-props -s NONE`.
//!
//! Trap: bolero has random inputs of its own. All but the first come from a seed that differs in
//! each run, so they are off unless `BOLERO_RANDOM_ITERATIONS` turns them on. The random inputs of
//! `cargo test` come from this file. With a maximum length, bolero cuts off the end of longer
//! inputs, and then does not run the same inputs as the other drivers.

#[cfg(fuzzing_libfuzzer)]
mod mutator;

use std::collections::BTreeSet;
use std::path::Path;

use downbeat::AnyTarget;
use downbeat::drivers::libfuzzer;
use downbeat::generator::random_input;
use downbeat::project::Project;
use downbeat_targets::{TARGETS, find_target};

/// The number of random inputs of a target in `cargo test`.
const RANDOM_INPUTS: u64 = 100;

/// The number of inputs of a committed corpus in `cargo test`.
const CORPUS_INPUTS: usize = 50;

/// The seed of the random inputs.
const RANDOM_SEED: u64 = 1;

macro_rules! properties {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                let target = find_target(name).expect("fuzz/fuzz_targets has only files of targets");
                replay(target);
                #[cfg(fuzzing_libfuzzer)]
                mutator::mutate_for(target);
                bolero::check!()
                    .with_iterations(0)
                    // Findings are shrunk elsewhere, operation by operation.
                    .with_shrink_time(std::time::Duration::ZERO)
                    .for_each(|input: &[u8]| libfuzzer::execute(target, input));
            }
        )*

        #[test]
        fn every_target_of_the_registry_is_a_property() {
            let properties = BTreeSet::from([$(stringify!($name)),*]);
            assert_eq!(properties, TARGETS.iter().map(|target| target.name()).collect());
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/properties.rs"));

/// Runs inputs of the committed corpus and the random inputs. Does nothing if an engine fuzzes, or
/// if cargo-bolero only asks for the names of the properties.
fn replay(target: &'static dyn AnyTarget) {
    if cfg!(fuzzing) || std::env::var_os("CARGO_BOLERO_SELECT").is_some() {
        return;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::at(here.ancestors().nth(2).expect("fuzz/props is two folders down"));
    let corpus = project.corpus(target.name());
    // A test of the suite checks that each target has a corpus.
    let entries = corpus.read_dir().into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    files.sort();
    for file in files.into_iter().take(CORPUS_INPUTS) {
        run(target, &std::fs::read(file).expect("a corpus file"));
    }
    for number in 0..RANDOM_INPUTS {
        run(target, &random_input(target.listing().budget.input_bytes, RANDOM_SEED, number));
    }
}

/// Runs an input; prints its text if it fails.
fn run(target: &'static dyn AnyTarget, input: &[u8]) {
    struct Shown<'a>(&'a dyn AnyTarget, &'a [u8]);

    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("{}", self.0.show(self.1));
            }
        }
    }

    let _shown = Shown(target, input);
    libfuzzer::execute(target, input);
}
