//! Runs every target under honggfuzz: `honggfuzz ... -- downbeat-honggfuzz TARGET`.
//!
//! The process runs inputs until one fails. A panic aborts the process, and honggfuzz reports a
//! crash. If it was not built by `cargo hfuzz`, the program prints that and ends.

use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(target) = downbeat_targets::find_target(&name) else {
        eprintln!("downbeat-honggfuzz: unknown target \"{name}\"; name one of `downbeat list`");
        return ExitCode::from(2);
    };
    loop {
        honggfuzz::fuzz(|input| {
            downbeat_guards::count(&downbeat::drivers::execute(target, input));
        });
    }
}
