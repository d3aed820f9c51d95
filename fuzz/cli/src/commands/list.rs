//! `downbeat list`: lists the targets, one per line.

use downbeat_campaign::adapters;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::{Ended, print};

pub(crate) fn run() -> anyhow::Result<Ended> {
    let outside = Project::find().ok().filter(Project::is_outside);
    let targets = match &outside {
        Some(project) => adapters::all(project),
        None => TARGETS.iter().collect(),
    };
    for target in targets {
        print::line(&format!("{:<15} {}", target.name, target.about))?;
    }
    Ok(Ended::Well)
}
