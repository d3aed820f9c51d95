//! `downbeat judge`: one input in a process of its own, which it may hang or end.

use std::path::Path;

use downbeat::drivers::CANARY_VARIABLE;
use downbeat_campaign::inputs;

use crate::Ended;
use crate::arguments::TargetArgument;

pub(crate) fn run(target: TargetArgument, input: &Path) -> anyhow::Result<Ended> {
    let bytes = inputs::read(target, input)?;
    let mut runner = target.runner();
    runner.set_canary(std::env::var_os(CANARY_VARIABLE).is_some());
    let failed = runner.judge(&bytes, false).failure.is_some();
    Ok(if failed { Ended::WithFinding } else { Ended::Well })
}
