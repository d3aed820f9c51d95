//! `downbeat coverage`: measures which parts of the core the corpora cover.

use downbeat_campaign::coverage::{Component, Count, Plan};
use downbeat_campaign::finding::report::thousands;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::arguments::CoverageArguments;
use crate::live::Live;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: CoverageArguments) -> anyhow::Result<Ended> {
    let CoverageArguments { target, html, corpus, tests } = arguments;
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    let targets = match target {
        Some(target) => vec![target],
        None => TARGETS.iter().collect(),
    };
    let plan = Plan { project: &project, corpus, tests, html, stop };
    let report = match plan.run(&targets, &mut Live::new()) {
        Err(error) => return interrupt::ended(error, stop),
        Ok(report) => report,
    };
    print::line(&format!(
        "{:<40} {:>8} {:>8} {:>7}  {:>8} {:>8} {:>7}",
        "component", "regions", "covered", "%", "lines", "covered", "%"
    ))?;
    report.components.iter().chain([&report.total]).try_for_each(show)?;
    if !report.uncovered.is_empty() {
        let count = thousands(report.uncovered.len() as u64);
        print::line(&format!("\n{count} uncovered places"))?;
    }
    for place in &report.uncovered {
        print::line(&format!(
            "  lsm/src/{}:{}:{}: {}",
            place.file.display(),
            place.line,
            place.column,
            place.source
        ))?;
    }
    for failing in &report.failing {
        print::line(&format!("FAILS: {failing}"))?;
    }
    let html = report.html.strip_prefix(project.root()).unwrap_or(&report.html);
    print::line(&format!("pages in {}", html.display()))?;
    Ok(if report.failing.is_empty() { Ended::Well } else { Ended::WithFinding })
}

fn show(component: &Component) -> std::io::Result<()> {
    let figures =
        |count: Count| format!("{:>8} {:>8} {:>7.2}", count.count, count.covered, count.percent());
    let Component { name, regions, lines } = component;
    print::line(&format!("{name:<40} {}  {}", figures(*regions), figures(*lines)))
}
