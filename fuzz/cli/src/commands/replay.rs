//! `downbeat replay`: inputs again, each operation with what happened.

use anyhow::ensure;
use downbeat::Runner;
use downbeat_campaign::finding::report::{operation_line, thousands};
use downbeat_campaign::inputs;
use downbeat_campaign::sweep::Interference;

use crate::arguments::ReplayArguments;
use crate::{Ended, print};

pub(crate) fn run(arguments: &ReplayArguments) -> anyhow::Result<Ended> {
    let target = arguments.target;
    let mut runner = target.runner();
    let interference = (arguments.crash_at.map(Interference::CrashAt))
        .or(arguments.fail_at.map(Interference::FailAt));
    if let Some(interference) = interference {
        ensure!(target.has_device(), "target {} has no device that could fail", target.name());
        runner.set_interference(Some(interference.armed()));
    }
    let mut failures = 0;
    for path in &arguments.inputs {
        for file in inputs::files_or_refuse(path)? {
            let bytes = inputs::read(target, &file)?;
            let name = file.display().to_string();
            let settings = (!arguments.quiet).then(|| target.show_settings(&bytes));
            failures += u32::from(replay(runner.as_mut(), &bytes, &name, settings.as_deref())?);
        }
    }
    Ok(if failures == 0 { Ended::Well } else { Ended::WithFinding })
}

/// Replays one input; says whether it failed. With `settings`, prints them and each operation.
fn replay(
    runner: &mut dyn Runner,
    bytes: &[u8],
    name: &str,
    settings: Option<&str>,
) -> anyhow::Result<bool> {
    let verdict = runner.judge(bytes, settings.is_some());
    if let Some(settings) = settings {
        for line in settings.lines() {
            print::line(&format!("  {line}"))?;
        }
        for (index, explained) in verdict.run.explanation().iter().enumerate() {
            print::line(&operation_line(index as u64 + 1, explained))?;
        }
    }
    let tally = verdict.run.tally();
    match &verdict.failure {
        None => print::line(&format!(
            "{name}: ok, {} ops, {} steps",
            thousands(tally.operations),
            thousands(tally.steps)
        ))?,
        Some(failure) => {
            print::line(&format!("{name}: FAILS: {failure}; identity {}", failure.identity))?;
        }
    }
    Ok(verdict.failure.is_some())
}
