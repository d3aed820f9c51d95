//! `downbeat encode`: prints the bytes of a text.

use std::path::Path;

use downbeat_campaign::inputs;

use crate::arguments::TargetArgument;
use crate::{Ended, ask, print};

pub(crate) fn run(target: TargetArgument, text: &Path) -> anyhow::Result<Ended> {
    let bytes = inputs::read_text(&ask::program(target)?, text)?;
    print::bytes(&bytes)?;
    Ok(Ended::Well)
}
