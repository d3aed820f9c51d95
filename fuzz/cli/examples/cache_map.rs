//! The program of the target `cache_map`, for the tests of `downbeat`. It is compiled with the
//! tests, so they do not build the program that users run, which is optimised.

use std::process::ExitCode;

fn main() -> ExitCode {
    let target = downbeat_targets::find_target("cache_map").expect("its feature is on");
    downbeat::drivers::program::main(target)
}
