//! `downbeat shrink`: finds the smallest input with the same failure and files it.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use downbeat_campaign::finding::{self, ShrinkOptions};
use downbeat_protocol::project::Project;

use crate::arguments::ShrinkArguments;
use crate::{Ended, ask, interrupt, print};

pub(crate) fn run(arguments: &ShrinkArguments) -> anyhow::Result<Ended> {
    let ShrinkArguments { target, input, time, out, canary } = arguments;
    let time = time.unwrap_or(finding::TIME);
    let (out, root) = match out {
        Some(out) => (out.clone(), PathBuf::new()),
        None => {
            let project = Project::find()?;
            (project.artifacts(target.name), project.root().to_owned())
        }
    };
    let options = ShrinkOptions { input: input.clone(), time, out, root, canary: *canary };
    let program = ask::program(target)?;
    let stop = interrupt::watch()?;
    let mut began = |failure: &downbeat_protocol::Failure| {
        let seconds = time.as_secs_f64();
        print::line(&format!("{failure}; shrinking it, {seconds} s at most\n"))?;
        Ok(())
    };
    let shrunk = finding::shrink(&program, &options, &mut began, stop);
    let interrupted = stop.load(Ordering::Relaxed);
    match shrunk {
        Ok(finding) => print::line(finding.report.trim_end())?,
        Err(_) if interrupted => print::line("downbeat: interrupted before the input failed")?,
        Err(error) => return Err(error),
    }
    Ok(if interrupted { Ended::Interrupted } else { Ended::WithFinding })
}
