//! `downbeat judge`: the process that judges inputs, which `fuzz` and `shrink` start.

use downbeat_campaign::judge;

use crate::Ended;
use crate::arguments::TargetArgument;

pub(crate) fn run(target: TargetArgument, memory: u64) -> anyhow::Result<Ended> {
    judge::serve(target, memory)?;
    Ok(Ended::Well)
}
