//! `downbeat parts`: measures what each part of a driver brings, and prints a table.

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::parts::{self, Figures, Measure, Variation};
use downbeat_protocol::project::Project;

use crate::arguments::PartsArguments;
use crate::live::Aside;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &PartsArguments) -> anyhow::Result<Ended> {
    let PartsArguments { target, drivers, time, seeds, without } = arguments;
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    print::line(&format!(
        "{}: {} CPU s for each campaign, median of {seeds}",
        target.name,
        time.as_secs()
    ))?;
    print::line("| driver | parts | executions | states | pairs | edges |")?;
    print::line("|---|---|---:|---:|---:|---:|")?;
    for driver in drivers {
        let what = Measure { target, driver: *driver, cpu: *time, seeds: *seeds };
        for variation in Variation::of(*driver, without) {
            let measured = parts::measure(&project, &what, variation, &mut Aside, stop);
            let Figures { executions, states, pairs, edges } = match measured {
                Err(error) => return interrupt::ended(error, stop),
                Ok(figures) => figures,
            };
            print::line(&format!(
                "| {} | {variation} | {} | {states} | {pairs} | {} |",
                driver.name(),
                thousands(executions),
                thousands(edges)
            ))?;
        }
    }
    Ok(Ended::Well)
}
