//! `downbeat planted`: plants bugs in a copy of the checkout and measures how fast drivers find
//! them.

use std::process::Command;

use anyhow::Context;
use downbeat_campaign::planted::{self, Plan, Row, Searcher};
use downbeat_campaign::{LIBFUZZER, SEEDED};
use downbeat_protocol::project::Project;

use super::searches::{Printer, SEEDS, chosen};
use crate::arguments::PlantedArguments;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &PlantedArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let mut patches = chosen(&project, &arguments.chosen)?;
    if let Some(count) = arguments.rotate {
        let turn = arguments.turn.map_or_else(|| commits(&project), Ok)?;
        patches = planted::in_rotation(patches, count as usize, turn);
    }
    let stop = interrupt::watch()?;
    let in_rotation = arguments.rotate.is_some();
    let seeds = arguments.seeds.unwrap_or(if in_rotation { 1 } else { SEEDS });
    let drivers = match &arguments.drivers[..] {
        [] if in_rotation => &[LIBFUZZER][..],
        [] => &[LIBFUZZER, SEEDED],
        some => some,
    };
    let searchers: Vec<Searcher> = drivers.iter().map(|driver| Searcher::plain(*driver)).collect();
    let mut printer = Printer::new(&patches, &searchers, seeds);
    if arguments.check {
        let good = planted::check(&project, &patches, &mut printer, stop)?;
        printer.end();
        return Ok(match good {
            None => Ended::Interrupted,
            Some(true) => Ended::Well,
            Some(false) => Ended::WithFinding,
        });
    }
    let plan = Plan {
        project: &project,
        patches: &patches,
        searchers: &searchers,
        seeds,
        limit: arguments.time,
        fresh: arguments.fresh,
    };
    print::line(&printer.table.head())?;
    let ran = plan.run(&mut printer, stop)?;
    printer.end();
    if !ran.is_complete {
        print::line("downbeat: interrupted; run the same command to continue")?;
        return Ok(Ended::Interrupted);
    }
    let unnamed: Vec<String> = ran.rows.iter().flat_map(Row::unnamed).collect();
    if !unnamed.is_empty() {
        print::line("")?;
        unnamed.iter().try_for_each(|line| print::line(line))?;
    }
    let faults: Vec<String> = ran.rows.iter().flat_map(Row::faults).collect();
    if faults.is_empty() {
        return Ok(Ended::Well);
    }
    print::line("")?;
    faults.iter().try_for_each(|fault| print::line(fault))?;
    Ok(Ended::WithFinding)
}

/// The number of commits. It is the default number of a rotation, because it changes with each
/// commit and is the same on all machines.
fn commits(project: &Project) -> anyhow::Result<u64> {
    let mut command = Command::new("git");
    command.args(["rev-list", "--count", "HEAD"]).current_dir(project.root());
    let output = command.output().context("cannot start git")?;
    let count = String::from_utf8_lossy(&output.stdout).trim().parse();
    count.context("git cannot count the commits here; add --turn NUMBER")
}
