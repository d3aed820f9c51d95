//! `downbeat soak`: fuzzes targets for hours, and goes on where it was killed.

use std::sync::atomic::Ordering;

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::soak::{Plan, Retried, Row, Soaked, soak};
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::arguments::SoakArguments;
use crate::live::Live;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &SoakArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    let targets = match &arguments.targets[..] {
        [] => TARGETS.iter().collect(),
        targets => targets.to_vec(),
    };
    let plan = Plan {
        targets,
        driver: arguments.driver,
        time: arguments.time,
        slice: arguments.slice,
        jobs: arguments.jobs,
        fresh: arguments.fresh,
    };
    let mut live = Live::new();
    if arguments.watch {
        live.keep_page(&project)?;
    }
    let soaked = soak(&project, &plan, &mut live, stop);
    live.end_page()?;
    let soaked = match soaked {
        Err(error) => return interrupt::ended(error, stop),
        Ok(soaked) => soaked,
    };
    table(&soaked)?;
    for Retried { folder, fails } in &soaked.findings {
        let folder = folder.strip_prefix(project.root()).unwrap_or(folder).display();
        let how =
            fails.as_deref().map_or("passes now".to_owned(), |check| format!("fails {check}"));
        print::line(&format!("finding {folder}: {how}"))?;
    }
    if soaked.is_over {
        print::line("the soak is over; --fresh begins another")?;
    }
    Ok(match stop.load(Ordering::Relaxed) {
        _ if !soaked.findings.is_empty() => Ended::WithFinding,
        true => Ended::Interrupted,
        false => Ended::Well,
    })
}

fn table(soaked: &Soaked) -> anyhow::Result<()> {
    print::line("")?;
    print::line(&format!(
        "{:<15} {:>6} {:>9} {:>14} {:>7} {:>7} {:>15} {:>7}",
        "target", "slices", "CPU s", "executions", "states", "edges", "CPU s, no news", "inputs"
    ))?;
    for Row { target, slices, cpu_seconds, executions, states, edges, since_news, inputs } in
        &soaked.rows
    {
        print::line(&format!(
            "{target:<15} {slices:>6} {cpu_seconds:>9.0} {:>14} {states:>7} {:>7} {since_news:>15.0} {:>7}",
            thousands(*executions),
            thousands(*edges),
            thousands(*inputs as u64)
        ))?;
    }
    Ok(())
}
