//! `downbeat corpus`: what a set of inputs does, and the fewest that do it.

use std::path::PathBuf;

use downbeat::project::Project;
use downbeat::statistics::{Statistics, random_inputs};
use downbeat::{TARGETS, gate, states};
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::{inputs, minimize};

use crate::arguments::{MinimizeArguments, StatsArguments, TargetArgument};
use crate::live::Live;
use crate::{Ended, interrupt, print};

pub(crate) fn stats(arguments: &StatsArguments) -> anyhow::Result<Ended> {
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.to_vec(),
    };
    let mut ended = Ended::Well;
    for target in targets {
        let mut names = Vec::new();
        let statistics = match arguments.random {
            Some(count) => Statistics::gather(
                target,
                random_inputs(count, arguments.bytes as usize, arguments.seed),
            ),
            None => Statistics::gather(target, files(target, &arguments.inputs, &mut names)?),
        };
        show(target, &statistics, &names)?;
        let faults = match arguments.random {
            Some(_) => gate::random(arguments.bytes as usize, &statistics),
            None => gate::corpus(target, &statistics),
        };
        for fault in &faults {
            print::line(&format!("  NOT ENOUGH: {fault}"))?;
        }
        if statistics.failure.is_some() || !faults.is_empty() {
            ended = Ended::WithFinding;
        }
    }
    Ok(ended)
}

pub(crate) fn minimize(arguments: &MinimizeArguments) -> anyhow::Result<Ended> {
    let MinimizeArguments { target, inputs, write } = arguments;
    let project = Project::find()?;
    let own = [project.corpus(target.name()), project.work(target.name())];
    let folders = if inputs.is_empty() {
        own.into_iter().filter(|f| f.is_dir()).collect()
    } else {
        inputs.clone()
    };
    let kept =
        minimize::minimize(&project, *target, &folders, &mut Live::new(), interrupt::watch()?)?;
    let bytes: usize = kept.values().map(Vec::len).sum();
    print::line(&format!(
        "{}: {} inputs of {} bytes reach what all do",
        target.name(),
        thousands(kept.len() as u64),
        thousands(bytes as u64)
    ))?;
    if *write {
        minimize::write(&project, *target, &kept)?;
        print::line(&format!("written to corpus/{}", target.name()))?;
    }
    Ok(Ended::Well)
}

/// The inputs at `paths`, or those of the committed corpus, and the names of their files.
fn files(
    target: TargetArgument,
    paths: &[PathBuf],
    names: &mut Vec<String>,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let committed;
    let paths = if paths.is_empty() {
        committed = [Project::find()?.corpus(target.name())];
        &committed
    } else {
        paths
    };
    let mut all = Vec::new();
    for path in paths {
        for file in inputs::files_or_refuse(path)? {
            all.push(inputs::read(target, &file)?);
            names.push(file.display().to_string());
        }
    }
    Ok(all)
}

fn show(target: TargetArgument, statistics: &Statistics, names: &[String]) -> anyhow::Result<()> {
    let tally = &statistics.tally;
    print::line(&format!(
        "{}: {} inputs, {} bytes, {} ops, {} steps",
        target.name(),
        thousands(statistics.inputs),
        thousands(statistics.bytes),
        thousands(tally.operations),
        thousands(tally.steps)
    ))?;
    print::line(&format!(
        "  effective ops per input: mean {:.1}, median {}",
        statistics.effective_mean(),
        statistics.effective_median()
    ))?;
    print::line(&format!(
        "  redirected: {:.1} % of ops; with nothing to do: {:.1} %",
        100.0 * statistics.redirected_share(),
        100.0 * tally.idle as f64 / tally.operations.max(1) as f64
    ))?;
    if let Some(share) = statistics.hit_share() {
        print::line(&format!(
            "  reads that hit: {:.1} % of {}",
            100.0 * share,
            thousands(tally.reads)
        ))?;
    }
    let buckets = states::count(target.states());
    if buckets > 0 {
        print::line(&format!("  states: {} of {buckets}", tally.states.len()))?;
    }
    for (kind, count) in target.kinds().iter().zip(tally.kinds) {
        print::line(&format!("  op     {count:>12}  {}", kind.name))?;
    }
    for (event, count) in target.events().iter().zip(tally.events) {
        print::line(&format!("  event  {count:>12}  {event}"))?;
    }
    if let Some((number, failure)) = &statistics.failure {
        let name = names.get(*number as usize).cloned().unwrap_or(format!("input {number}"));
        print::line(&format!("  {name} FAILS: {failure}"))?;
    }
    Ok(())
}
