//! The common parts of the programs of all targets.
//!
//! With the feature `libfuzzer`, [`program!`] makes the functions that libFuzzer calls: an
//! execution, a mutation, a crossover. Without the feature, [`program!`] makes a `main` that runs
//! the target for `downbeat`. Both kinds of program serve the requests of `downbeat` if an
//! environment variable is set, so the program that found an input also judges and shrinks it.

#[cfg(feature = "libfuzzer")]
#[doc(hidden)]
pub use libfuzzer_sys;
#[doc(hidden)]
pub use {downbeat, downbeat_targets};

use downbeat::AnyTarget;

/// Finds the target of a program.
///
/// # Panics
///
/// Panics if the target's feature is off.
#[doc(hidden)]
#[must_use]
pub fn find(name: &str) -> &'static dyn AnyTarget {
    downbeat_targets::find_target(name).unwrap_or_else(|| panic!("no target \"{name}\""))
}

/// Defines the program of the target with this name in the registry.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::program!($crate::find($name));
    };
}

/// Defines the program of a target, which is an expression, for libFuzzer.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! program {
    ($target:expr) => {
        use $crate::downbeat::drivers::{libfuzzer, program};

        $crate::libfuzzer_sys::fuzz_target!(
            init: {
                if program::serve_if_asked($target).is_some() {
                    ::std::process::exit(0);
                }
            },
            |input: &[u8]| {
                libfuzzer::execute($target, input);
            }
        );

        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8],
                                              size: usize,
                                              max_size: usize,
                                              seed: u32| {
            let byte_mutator = $crate::libfuzzer_sys::fuzzer_mutate;
            libfuzzer::mutate($target, data, size, max_size, seed, byte_mutator)
        });

        $crate::libfuzzer_sys::fuzz_crossover!(|data1: &[u8],
                                                data2: &[u8],
                                                out: &mut [u8],
                                                seed: u32| {
            let byte_mutator = $crate::libfuzzer_sys::fuzzer_mutate;
            libfuzzer::cross($target, data1, data2, out, seed, byte_mutator)
        });
    };
}

/// Defines the program of a target, which is an expression.
#[cfg(not(feature = "libfuzzer"))]
#[macro_export]
macro_rules! program {
    ($target:expr) => {
        fn main() -> ::std::process::ExitCode {
            $crate::downbeat::drivers::program::main($target)
        }
    };
}
