//! `downbeat seed`: makes inputs with the seeded generator.

use downbeat_campaign::{encoding_of, inputs};

use crate::arguments::SeedArguments;
use crate::{Ended, ask, print};

/// The default number of inputs of an unlimited profile.
const COUNT: u64 = 100;

pub(crate) fn run(arguments: &SeedArguments) -> anyhow::Result<Ended> {
    let SeedArguments { target, seed, profile, count, out } = arguments;
    let program = ask::program(target)?;
    if out.is_dir() {
        inputs::ensure_present(&program, out)?;
    }
    let mut new = 0;
    for profile in &profile.0 {
        let count = match count {
            Some(count) => *count,
            None => program.count_inputs(*profile)?.unwrap_or(COUNT),
        };
        for number in 0..count {
            let made = program.generate(Some(*profile), *seed, number)?;
            new += inputs::write_all(out, [made.bytes])?;
        }
    }
    if new > 0 {
        encoding_of::mark(&program, out)?;
    }
    print::line(&format!("{new} new inputs of {} in {}", target.name, out.display()))?;
    Ok(Ended::Well)
}
