//! Every target under honggfuzz: `honggfuzz ... -- downbeat-honggfuzz TARGET`.
//!
//! One process runs inputs for as long as none fails; a panic aborts it, which honggfuzz takes for a
//! crash. Built without `cargo hfuzz`, the program says so and ends.

use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(target) = downbeat_targets::find_target(&name) else {
        eprintln!("downbeat-honggfuzz: unknown target \"{name}\"; name one of `downbeat list`");
        return ExitCode::from(2);
    };
    loop {
        honggfuzz::fuzz(|input| {
            downbeat::drivers::execute(target, input);
        });
    }
}
