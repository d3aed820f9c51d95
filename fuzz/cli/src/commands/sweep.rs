//! `downbeat sweep`: runs each input again for each of its I/Os, with a fault at that I/O.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::inputs;
use downbeat_campaign::sweep::{Sweep, Swept, refuse_without_device, sweep};
use downbeat_protocol::project::Project;

use crate::arguments::SweepArguments;
use crate::{Ended, ask, print};

/// The minimum time between two progress lines.
const PACE: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &SweepArguments) -> anyhow::Result<Ended> {
    let SweepArguments { target, inputs, time, fresh } = arguments;
    refuse_without_device(target)?;
    let project = Project::find()?;
    let paths = if inputs.is_empty() { vec![project.corpus(target.name)] } else { inputs.clone() };
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &paths {
        files.extend(inputs::files_or_refuse(path)?);
    }
    let name = target.name;
    let program = ask::program(target)?;
    let mut said = Instant::now();
    let mut watch = |swept: &Swept| {
        if said.elapsed() >= PACE {
            said = Instant::now();
            eprintln!("downbeat: {name}: {} of {} inputs swept", swept.inputs, files.len());
        }
    };
    let what = Sweep { target: &program, inputs: &files, time: *time, fresh: *fresh };
    let swept = sweep(&project, &what, &mut watch)?;
    for finding in &swept.findings {
        print::line(&finding.report)?;
    }
    print::line(&format!(
        "{name}: {} of {} inputs swept ({} before), {} I/Os, {} runs, {} failures",
        swept.inputs,
        files.len(),
        swept.before,
        thousands(swept.operations),
        thousands(swept.runs),
        thousands(swept.failures),
    ))?;
    if swept.stopped {
        print::line("the time limit is reached; run the same command to continue")?;
    } else if swept.before == files.len() {
        print::line("all inputs were swept before by this build; add --fresh to sweep them again")?;
    }
    Ok(if swept.findings.is_empty() { Ended::Well } else { Ended::WithFinding })
}
