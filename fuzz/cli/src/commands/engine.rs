//! `downbeat engine new`: writes a repository for an engine.

use downbeat_campaign::outside::{self, From};
use downbeat_protocol::project::Project;

use crate::arguments::NewEngineArguments;
use crate::{Ended, print};

pub(crate) fn new(arguments: &NewEngineArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let NewEngineArguments { folder, name, git } = arguments;
    let from = git.as_deref().map_or(From::Checkout, From::Git);
    outside::write(&project, folder, name, from)?;
    let folder = folder.display();
    print::line(&format!("{folder} has an engine with a bug; {folder}/README.md says what to do"))?;
    Ok(Ended::Well)
}
