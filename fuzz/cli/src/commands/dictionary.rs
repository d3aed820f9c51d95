//! `downbeat dictionary`: prints or writes the operations as words for byte mutators.

use anyhow::Context;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::arguments::DictionaryArguments;
use crate::{Ended, ask, print};

pub(crate) fn run(arguments: &DictionaryArguments) -> anyhow::Result<Ended> {
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.iter().collect(),
    };
    for target in targets {
        let text = ask::program(target)?.dictionary()?;
        if !arguments.write {
            print::bytes(text.as_bytes())?;
            continue;
        }
        let project = Project::find()?;
        let path = project.dictionary(target.name);
        let folder = path.parent().expect("a dictionary is in a folder");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
        let path = path.strip_prefix(project.root()).unwrap_or(&path);
        print::line(&format!("written to {}", path.display()))?;
    }
    Ok(Ended::Well)
}
