//! `downbeat show`: prints the text of an input.

use std::path::Path;

use downbeat_campaign::inputs;

use crate::arguments::TargetArgument;
use crate::{Ended, ask, print};

pub(crate) fn run(target: TargetArgument, input: &Path) -> anyhow::Result<Ended> {
    let program = ask::program(target)?;
    let bytes = inputs::read(&program, input)?;
    print::bytes(program.show(&bytes)?.as_bytes())?;
    Ok(Ended::Well)
}
