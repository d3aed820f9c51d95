//! `downbeat sift`: the inputs of a folder in a process of its own, which one may hang or end.

use std::path::Path;

use downbeat_campaign::corpus::sift;

use crate::Ended;
use crate::arguments::TargetArgument;

pub(crate) fn run(target: TargetArgument, folder: &Path, journal: &Path) -> anyhow::Result<Ended> {
    sift::judge_all(target, folder, journal)?;
    Ok(Ended::Well)
}
