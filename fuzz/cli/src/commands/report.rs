//! `downbeat report`: makes an HTML page.

use anyhow::Context;
use downbeat_campaign::report::Report;
use downbeat_protocol::project::Project;

use crate::arguments::ReportArguments;
use crate::{Ended, print};

pub(crate) fn run(arguments: &ReportArguments) -> anyhow::Result<Ended> {
    let ReportArguments { folders, out } = arguments;
    let project = Project::find()?;
    let report = Report::gather(&project, folders)?;
    let out = out.clone().unwrap_or_else(|| project.build().join("report.html"));
    std::fs::write(&out, report.page(None)?)
        .with_context(|| format!("cannot write {}", out.display()))?;
    print::line(&format!(
        "{} campaigns and {} findings in {}",
        report.histories.len(),
        report.findings.len(),
        out.strip_prefix(project.root()).unwrap_or(&out).display()
    ))?;
    Ok(Ended::Well)
}
