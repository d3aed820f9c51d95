//! `downbeat seed`: inputs from the seeded generator.

use downbeat::generator::Length;
use downbeat_campaign::inputs;

use crate::arguments::SeedArguments;
use crate::{Ended, print};

/// Inputs of a profile that does not end.
const COUNT: u64 = 100;

pub(crate) fn run(arguments: &SeedArguments) -> anyhow::Result<Ended> {
    let SeedArguments { target, seed, profile, count, out } = arguments;
    let made = profile.0.iter().flat_map(|profile| {
        let count = count.or_else(|| target.count_inputs(*profile)).unwrap_or(COUNT);
        (0..count).map(|number| {
            let mut bytes = Vec::new();
            target.generate_profile(*profile, *seed, number, Length::Short, &mut bytes);
            bytes
        })
    });
    let new = inputs::write_all(out, made)?;
    print::line(&format!("{new} new inputs of {} in {}", target.name(), out.display()))?;
    Ok(Ended::Well)
}
