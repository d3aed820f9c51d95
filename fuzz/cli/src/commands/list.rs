//! `downbeat list`: lists the targets, one per line.

use downbeat_protocol::registry::TARGETS;

use crate::{Ended, print};

pub(crate) fn run() -> anyhow::Result<Ended> {
    for target in TARGETS {
        print::line(&format!("{:<15} {}", target.name, target.about))?;
    }
    Ok(Ended::Well)
}
