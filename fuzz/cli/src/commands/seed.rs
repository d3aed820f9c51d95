//! `downbeat seed`: makes inputs with the seeded generator.

use downbeat_campaign::inputs;

use crate::arguments::SeedArguments;
use crate::{Ended, ask, print};

/// The default number of inputs of an unlimited profile.
const COUNT: u64 = 100;

pub(crate) fn run(arguments: &SeedArguments) -> anyhow::Result<Ended> {
    let SeedArguments { target, seed, profile, count, out } = arguments;
    let program = ask::program(target)?;
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
    print::line(&format!("{new} new inputs of {} in {}", target.name, out.display()))?;
    Ok(Ended::Well)
}
