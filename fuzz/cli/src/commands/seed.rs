//! `downbeat seed`: inputs from the seeded generator.

use downbeat::generator::Length;
use downbeat_campaign::inputs;

use crate::arguments::SeedArguments;
use crate::{Ended, print};

pub(crate) fn run(arguments: &SeedArguments) -> anyhow::Result<Ended> {
    let SeedArguments { target, seed, count, out } = arguments;
    let made = (0..*count).map(|number| {
        let mut bytes = Vec::new();
        target.generate(*seed, number, Length::Short, &mut bytes);
        bytes
    });
    let new = inputs::write_all(out, made)?;
    print::line(&format!("{new} new inputs of {} in {}", target.name(), out.display()))?;
    Ok(Ended::Well)
}
