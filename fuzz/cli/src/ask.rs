//! The program of a target, built when a command needs it.

use downbeat_campaign::Program;
use downbeat_campaign::build::{self, Speed};
use downbeat_protocol::project::Project;

use crate::arguments::TargetArgument;
use crate::interrupt;
use crate::live::Aside;

/// Builds the plain program of a target and opens it.
pub(crate) fn program(target: TargetArgument) -> anyhow::Result<Program> {
    let project = Project::find()?;
    build::plain_program(&project, target, Speed::Soon, &mut Aside, interrupt::watch()?)
}
