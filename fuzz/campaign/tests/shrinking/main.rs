//! Findings that hang, end their process or take its memory, filed and shrunk.
//!
//! The process that judges inputs is this program again, as it is `downbeat` elsewhere; so this is a
//! program with a `main` of its own, and `libtest-mimic` makes it look like any other test.

mod cases;
mod toy;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        ["judge", target, "--memory", memory] => {
            let memory = memory.parse().expect("a number of bytes");
            downbeat_campaign::judge::serve(toy::target(target), memory).expect("it is heard");
        }
        ["file", root] => cases::file_slowly(root),
        _ => {
            let trials = cases::ALL.iter().map(|(name, case)| {
                Trial::test(*name, move || {
                    case();
                    Ok(())
                })
            });
            libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
        }
    }
}
