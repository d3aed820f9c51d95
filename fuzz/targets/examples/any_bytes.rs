//! Runs inputs of every length up to 64 bytes, and of each power of two up to 1 MiB, on the named
//! targets, or on all if none is named. Prints the slowest run and the peak memory, one line for
//! each target. Also writes the inputs to a folder.
//!
//! ```text
//! any_bytes FOLDER [TARGET]...
//! ```
//!
//! Patterns: zeros, ones, each tag repeated (bare, and with an argument), random bytes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use downbeat::AnyTarget;
use downbeat::input::dice::Dice;
use downbeat::input::encoding::TAG;
use downbeat_targets::TARGETS;

const SEEDS: u64 = 3;

/// An input of `len` bytes, in each pattern.
fn patterns(target: &dyn AnyTarget, len: usize) -> Vec<Vec<u8>> {
    let mut patterns = vec![vec![0; len], vec![0xff; len]];
    for kind in 0..target.facts().kinds.len() as u8 {
        patterns.push(vec![TAG | kind; len]);
        patterns.push([TAG | kind, 0x7f].into_iter().cycle().take(len).collect());
    }
    for seed in 0..SEEDS {
        let mut random = downbeat::generator::Random::new(seed, len as u64);
        patterns.push((0..len).map(|_| random.next() as u8).collect());
    }
    patterns
}

/// Forgets the peak memory of this process so far.
fn forget_peak() {
    // If this fails, the peak of an earlier target counts for the next, too.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak memory of this process since it was forgotten in MiB, rounded up; `u64::MAX` if it is
/// not known.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next()?.parse().ok());
    kilobytes.map_or(u64::MAX, |kilobytes: u64| kilobytes.div_ceil(1024))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("the first argument is a folder"));
    let named: Vec<_> = arguments.collect();
    let lens = (0..=64).chain((7..=20).map(|power| 1 << power));
    let lens: Vec<usize> = lens.collect();
    for target in TARGETS {
        if !named.is_empty() && !named.iter().any(|name| name == target.name()) {
            continue;
        }
        forget_peak();
        let mut runner = target.runner();
        let mut slowest = (Duration::ZERO, 0, 0);
        let folder = folder.join(target.name());
        std::fs::create_dir_all(&folder).expect("a folder for the inputs");
        let mut inputs = 0;
        for len in &lens {
            for (number, input) in patterns(**target, *len).into_iter().enumerate() {
                let start = Instant::now();
                let failure = runner.judge(&input, false).failure;
                slowest = slowest.max((start.elapsed(), *len, number));
                assert!(failure.is_none(), "{len} bytes, pattern {number}: {failure:?}");
                inputs += 1;
                let path = folder.join(format!("{len}-{number}"));
                std::fs::write(path, &input).expect("a file for an input");
            }
        }
        println!(
            "{}: slowest {} ms ({}-{} of {inputs} inputs); peak {} MB",
            target.name(),
            slowest.0.as_micros().div_ceil(1000),
            slowest.1,
            slowest.2,
            peak_megabytes()
        );
    }
}
