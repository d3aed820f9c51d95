//! `downbeat dictionary` and `downbeat options`: print or write the generated files of targets.

use std::path::{Path, PathBuf};

use anyhow::Context;
use downbeat_campaign::driver;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::arguments::{GeneratedArguments, TargetArgument};
use crate::{Ended, ask, print};

/// Operations as words for byte mutators.
pub(crate) fn dictionary(arguments: &GeneratedArguments) -> anyhow::Result<Ended> {
    run(arguments, Project::dictionary, |target| ask::program(target)?.dictionary())
}

/// The options with which OSS-Fuzz starts a target.
pub(crate) fn options(arguments: &GeneratedArguments) -> anyhow::Result<Ended> {
    run(arguments, Project::options, |target| Ok(driver::options_file(target)))
}

/// Generates the text of each target. Prints it, or writes it to the target's file `path`.
fn run(
    arguments: &GeneratedArguments,
    path: fn(&Project, &str) -> PathBuf,
    text: impl Fn(TargetArgument) -> anyhow::Result<String>,
) -> anyhow::Result<Ended> {
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.iter().collect(),
    };
    for target in targets {
        let text = text(target)?;
        if !arguments.write {
            print::bytes(text.as_bytes())?;
            continue;
        }
        let project = Project::find()?;
        let path = path(&project, target.name);
        write(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
        let path = path.strip_prefix(project.root()).unwrap_or(&path);
        print::line(&format!("written to {}", path.display()))?;
    }
    Ok(Ended::Well)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().expect("the file is in a folder"))?;
    std::fs::write(path, text)
}
