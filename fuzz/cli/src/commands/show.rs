//! `downbeat show`: the text of an input.

use std::path::Path;

use downbeat_campaign::inputs;

use crate::arguments::TargetArgument;
use crate::{Ended, print};

pub(crate) fn run(target: TargetArgument, input: &Path) -> anyhow::Result<Ended> {
    let bytes = inputs::read(target, input)?;
    print::bytes(target.show(&bytes).as_bytes())?;
    Ok(Ended::Well)
}
