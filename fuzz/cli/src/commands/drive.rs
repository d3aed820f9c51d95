//! `downbeat drive`: the seeded driver's own process, which `downbeat fuzz --driver seeded` starts.

use std::path::Path;

use anyhow::Context;
use downbeat::corpus;
use downbeat::counters::{self, Counters};
use downbeat::drivers::CANARY_VARIABLE;
use downbeat::drivers::seeded::{self, Until};
use downbeat_campaign::judge;

use crate::arguments::DriveArguments;
use crate::{Ended, print};

pub(crate) fn run(arguments: &DriveArguments) -> anyhow::Result<Ended> {
    // As libFuzzer does: an input that takes more ends this process, not the machine.
    judge::bound_memory(judge::MEMORY).context("cannot bound the memory of the driver")?;
    let counters = std::env::var_os(counters::VARIABLE)
        .map(|path| Counters::open(Path::new(&path)).context("cannot map the file of counters"))
        .transpose()?;
    let canary = std::env::var_os(CANARY_VARIABLE).is_some();
    let until = match arguments.time {
        Some(time) => Until::Elapsed(time),
        None => Until::Executions(arguments.executions),
    };
    let outcome = seeded::drive(arguments.target, arguments.seed, until, canary, counters);
    let figures = outcome.figures;
    print::line(&format!(
        "executions {} steps {} effective {}",
        figures.executions, figures.steps, figures.effective
    ))?;
    let Some(input) = outcome.found else { return Ok(Ended::Well) };
    if let Some(folder) = &arguments.artifacts {
        let path = folder.join(format!("crash-{}", corpus::name(&input)));
        std::fs::write(&path, &input)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Ended::WithFinding)
}
