//! `downbeat triage`: runs the failing inputs that any driver left, and files each failure once.

use downbeat_campaign::finding::triage::{self, Options, RUNS, Triaged, triage};
use downbeat_campaign::finding::{self, Finding};
use downbeat_protocol::project::Project;

use crate::arguments::TriageArguments;
use crate::{Ended, ask, interrupt, print};

pub(crate) fn run(arguments: &TriageArguments) -> anyhow::Result<Ended> {
    let TriageArguments { target, inputs, time, canary } = arguments;
    let project = Project::find()?;
    let time = time.unwrap_or(finding::TIME);
    let options = Options { paths: inputs.clone(), time, canary: *canary };
    let program = ask::program(target)?;
    let stop = interrupt::watch()?;
    let mut filed = |finding: &Finding| Ok(print::line(&finding.report)?);
    let triaged = match triage(&project, &program, &options, &mut filed, stop) {
        Err(error) => return interrupt::ended(error, stop),
        Ok(triaged) => triaged,
    };
    show(target.name, &triaged)?;
    // A file that is not read is a failing input without a verdict.
    let Triaged { findings, flaky, left_out, .. } = &triaged;
    let well = findings.is_empty() && flaky.is_empty() && left_out.is_empty();
    Ok(if well { Ended::Well } else { Ended::WithFinding })
}

fn show(target: &str, triaged: &Triaged) -> anyhow::Result<()> {
    let Triaged { files, duplicates, left_out, findings, alike, flaky } = triaged;
    for line in left_out {
        print::line(&format!("  left out: {line}"))?;
    }
    for triage::Flaky { file, failed, failure } in flaky {
        let what = match failure {
            Some(failure) => format!("fails in {failed} of {RUNS} runs: {failure}"),
            None => format!("fails in none of {RUNS} runs; if no bug was fixed, runs differ"),
        };
        print::line(&format!("  FLAKY: {}: {what}", file.display()))?;
    }
    for finding in findings {
        let folder = finding.folder.file_name().unwrap_or_default().display();
        print::line(&format!("  {folder}: seen {} times", finding.seen))?;
    }
    print::line(&format!(
        "{target}: {files} files: {} findings, {alike} inputs that fail alike, {duplicates} equal to \
         another, {} flaky, {} left out",
        findings.len(),
        flaky.len(),
        left_out.len()
    ))?;
    Ok(())
}
