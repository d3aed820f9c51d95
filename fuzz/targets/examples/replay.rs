//! Replays a folder of inputs of a target, once or several times. `downbeat coverage` runs this
//! program with coverage counters; `ci/hold/drivers-cost-little` compares drivers with it.
//!
//! ```text
//! cargo run --package downbeat-targets --example replay -- cache_map corpus/cache_map [RUNS]
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(name), Some(folder)) = (arguments.first(), arguments.get(1)) else {
        eprintln!("replay: expected a target, a folder, and perhaps a number of runs");
        return ExitCode::from(2);
    };
    let Ok(runs) = arguments.get(2).map_or(Ok(1), |runs| runs.parse::<u32>()) else {
        eprintln!("replay: the number of runs is no number");
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
    let read = |file: &PathBuf| std::fs::read(file).expect("a folder of inputs");
    let inputs: Vec<Vec<u8>> = files.iter().map(read).collect();
    for _ in 0..runs {
        for (file, bytes) in files.iter().zip(&inputs) {
            if let Some(failure) = runner.judge(bytes, false).failure {
                eprintln!("{}: {failure}", file.display());
                status = ExitCode::FAILURE;
            }
        }
    }
    status
}
