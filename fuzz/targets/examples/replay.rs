//! Replays a folder of inputs of a target. `downbeat coverage` runs this program with coverage
//! counters.
//!
//! ```text
//! cargo run --package downbeat-targets --example replay -- cache_map corpus/cache_map
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = &arguments[..] else {
        eprintln!("replay: expected two arguments, a target and a folder");
        return ExitCode::from(2);
    };
    let Some(target) = downbeat_targets::find_target(name) else {
        eprintln!("replay: unknown target \"{name}\"");
        return ExitCode::from(2);
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("replay: cannot read {folder}");
        return ExitCode::from(2);
    };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut runner = target.runner();
    let mut status = ExitCode::SUCCESS;
    for file in files {
        let bytes = std::fs::read(&file).expect("a folder of inputs");
        if let Some(failure) = runner.judge(&bytes, false).failure {
            eprintln!("{}: {failure}", file.display());
            status = ExitCode::FAILURE;
        }
    }
    status
}
