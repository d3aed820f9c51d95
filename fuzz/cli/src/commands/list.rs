//! `downbeat list`: the targets, each in a line.

use crate::{Ended, print};

pub(crate) fn run() -> anyhow::Result<Ended> {
    for target in downbeat::TARGETS {
        print::line(&format!("{:<15} {}", target.name(), target.about()))?;
    }
    Ok(Ended::Well)
}
