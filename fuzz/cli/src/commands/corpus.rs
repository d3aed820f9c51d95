//! `downbeat corpus`: measures, merges, migrates and minimizes sets of inputs.

use std::path::{Path, PathBuf};

use downbeat_campaign::corpus::gather::Gathered;
use downbeat_campaign::corpus::merge::{self, Adds};
use downbeat_campaign::corpus::migrate::{self, Migrated};
use downbeat_campaign::corpus::minimize;
use downbeat_campaign::corpus::sift::Failing;
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::finding::{self, FailingInput, FailureKind};
use downbeat_campaign::{Program, encoding_of, inputs, statistics};
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;
use downbeat_protocol::statistics::Statistics;
use downbeat_protocol::{gate, states};

use crate::arguments::{
    MergeArguments, MigrateArguments, MinimizeArguments, StatsArguments, TargetArgument,
};
use crate::live::Live;
use crate::{Ended, ask, interrupt, print};

pub(crate) fn stats(arguments: &StatsArguments) -> anyhow::Result<Ended> {
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.iter().collect(),
    };
    let mut ended = Ended::Well;
    for target in targets {
        let mut names = Vec::new();
        let program = ask::program(target)?;
        let inputs = match arguments.random {
            Some(count) => random(&program, count, arguments.bytes.into(), arguments.seed)?,
            None => files(&program, &arguments.inputs, &mut names)?,
        };
        let statistics = statistics::gather(&program, inputs, interrupt::watch()?)?;
        show(&program, &statistics, &names)?;
        if let (Some(_), Some((number, _))) = (arguments.random, &statistics.failure) {
            // No file has this input yet.
            let made = program.random(arguments.bytes.into(), arguments.seed, *number)?;
            let (kind, log) = (FailureKind::Crash, String::new());
            let input = FailingInput { bytes: made.bytes, kind, log };
            let kept = finding::keep(&Project::find()?, target, &input)?;
            print::line(&format!("  kept as {kept}, which `downbeat shrink` can file"))?;
        }
        let faults = match arguments.random {
            // The inputs after the failing one did not run, so the figures are incomplete.
            _ if statistics.failure.is_some() => Vec::new(),
            Some(_) => gate::random(arguments.bytes as usize, &statistics),
            None => gate::corpus(program.facts(), &statistics),
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

pub(crate) fn merge(arguments: &MergeArguments) -> anyhow::Result<Ended> {
    let MergeArguments { target, sources, into, all } = arguments;
    let project = Project::find()?;
    let into = into.clone().unwrap_or_else(|| project.work(target.name));
    let adds = if *all { Adds::All } else { Adds::News };
    let program = ask::program(target)?;
    let stop = interrupt::watch()?;
    let merged = merge::merge(&project, &program, sources, &into, adds, &mut Live::new(), stop);
    let merged = match merged {
        Err(error) => return interrupt::ended(error, stop),
        Ok(merged) => merged,
    };
    show_gathered(target, &merged.gathered, &merged.failing)?;
    count(merged.known, "already in the folder")?;
    count(merged.without_news, "without new coverage")?;
    let added = merged.gathered.inputs.values();
    print::line(&format!(
        "{}: {} inputs of {} bytes added to {}",
        target.name,
        thousands(added.len() as u64),
        thousands(added.map(|source| source.bytes.len() as u64).sum()),
        into.strip_prefix(project.root()).unwrap_or(&into).display()
    ))?;
    Ok(if merged.failing.is_empty() { Ended::Well } else { Ended::WithFinding })
}

pub(crate) fn migrate(arguments: &MigrateArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    if let Some(target) = arguments.target {
        let program = ask::program(target)?;
        for folder in &arguments.folders {
            show_migrated(folder, migrate::migrate(&program, folder, arguments.from)?)?;
        }
        return Ok(Ended::Well);
    }
    let (mut committed, mut present) = (Vec::new(), 0);
    for target in TARGETS {
        let program = ask::program(target)?;
        present = program.facts().encoding.version;
        for folder in [project.corpus(target.name), project.work(target.name)] {
            if folder.is_dir() {
                let migrated = migrate::migrate(&program, &folder, None)?;
                show_migrated(folder.strip_prefix(project.root()).unwrap_or(&folder), migrated)?;
            }
        }
        committed.push(project.corpus(target.name));
    }
    encoding_of::state_committed(present, &committed)?;
    print::line(&format!("corpus/VERSION: {present}"))?;
    Ok(Ended::Well)
}

/// Prints what a migration of `folder` did.
fn show_migrated(folder: &Path, migrated: Option<Migrated>) -> std::io::Result<()> {
    let Some(Migrated { files, changed, bytes: [before, after] }) = migrated else {
        return print::line(&format!("{}: nothing to do", folder.display()));
    };
    print::line(&format!(
        "{}: {changed} of {files} inputs changed, with the same texts; {} bytes are {} now",
        folder.display(),
        thousands(before),
        thousands(after)
    ))
}

pub(crate) fn minimize(arguments: &MinimizeArguments) -> anyhow::Result<Ended> {
    let MinimizeArguments { target, inputs, into, write } = arguments;
    let project = Project::find()?;
    let own = [project.corpus(target.name), project.work(target.name)];
    let folders = if inputs.is_empty() {
        own.into_iter().filter(|f| f.is_dir()).collect()
    } else {
        inputs.clone()
    };
    let program = ask::program(target)?;
    if let Some(into) = into.as_deref().filter(|into| into.is_dir()) {
        inputs::ensure_present(&program, into)?;
    }
    let stop = interrupt::watch()?;
    let minimized = minimize::minimize(&project, &program, &folders, &mut Live::new(), stop);
    let minimized = match minimized {
        Err(error) => return interrupt::ended(error, stop),
        Ok(minimized) => minimized,
    };
    show_gathered(target, &minimized.gathered, &minimized.failing)?;
    count(minimized.over_bounds, "not kept although they add coverage: the corpus is full")?;
    let bytes: usize = minimized.kept.values().map(Vec::len).sum();
    print::line(&format!(
        "{}: {} inputs of {} bytes have the coverage of all ({} rounds)",
        target.name,
        thousands(minimized.kept.len() as u64),
        thousands(bytes as u64),
        minimized.rounds
    ))?;
    if let Some(into) = into {
        inputs::write_all(into, minimized.kept.values().cloned())?;
        encoding_of::mark(&program, into)?;
    }
    if *write {
        let faults = match minimize::write(&project, &program, &minimized.kept, stop) {
            Err(error) => return interrupt::ended(error, stop),
            Ok(faults) => faults,
        };
        for fault in &faults {
            print::line(&format!("  NOT ENOUGH: {fault}"))?;
        }
        if !faults.is_empty() {
            print::line(&format!(
                "nothing written to corpus/{}: add inputs that reach the missing goals, or add the \
                 folder corpus/{0} itself",
                target.name
            ))?;
            return Ok(Ended::WithFinding);
        }
        print::line(&format!("written to corpus/{}", target.name))?;
    }
    Ok(if minimized.failing.is_empty() { Ended::Well } else { Ended::WithFinding })
}

/// Prints how many files were read, and which files are not inputs or have inputs that fail.
fn show_gathered(
    target: TargetArgument,
    gathered: &Gathered,
    failing: &[Failing],
) -> anyhow::Result<()> {
    print::line(&format!("{}: {} files", target.name, thousands(gathered.files)))?;
    for line in &gathered.left_out {
        print::line(&format!("  left out: {line}"))?;
    }
    for Failing { source, failure } in failing {
        print::line(&format!("  left out: {} FAILS: {failure}", source.file.display()))?;
    }
    let room = target.budget.input_bytes;
    count(gathered.cut as usize, &format!("longer than {room} bytes, cut to that length"))?;
    count(gathered.duplicates as usize, "equal to another input")
}

/// Prints a figure and its description, unless the figure is zero.
fn count(figure: usize, of: &str) -> anyhow::Result<()> {
    if figure > 0 {
        print::line(&format!("  {:>9}  {of}", thousands(figure as u64)))?;
    }
    Ok(())
}

/// Reads the inputs at `paths`, or the committed corpus if `paths` is empty. Adds the name of each
/// input's file to `names`.
fn files(
    program: &Program,
    paths: &[PathBuf],
    names: &mut Vec<String>,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let committed;
    let paths = if paths.is_empty() {
        committed = [Project::find()?.corpus(program.name())];
        &committed
    } else {
        paths
    };
    let mut all = Vec::new();
    for path in paths {
        for file in inputs::files_or_refuse(path)? {
            all.push(inputs::read(program, &file)?);
            names.push(file.display().to_string());
        }
    }
    Ok(all)
}

/// Inputs of uniformly random bytes.
fn random(program: &Program, count: u64, bytes: u64, seed: u64) -> anyhow::Result<Vec<Vec<u8>>> {
    (0..count).map(|number| Ok(program.random(bytes, seed, number)?.bytes)).collect()
}

fn show(program: &Program, statistics: &Statistics, names: &[String]) -> anyhow::Result<()> {
    let facts = program.facts();
    let tally = &statistics.tally;
    print::line(&format!(
        "{}: {} inputs, {} bytes, {} ops, {} steps",
        program.name(),
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
    let buckets = states::count(&facts.states);
    if buckets > 0 {
        print::line(&format!("  states: {} of {buckets}", tally.states.len()))?;
    }
    for (kind, count) in facts.kinds.iter().zip(tally.kinds) {
        print::line(&format!("  op     {count:>12}  {kind}"))?;
    }
    for (event, count) in facts.events.iter().zip(tally.events) {
        print::line(&format!("  event  {count:>12}  {event}"))?;
    }
    if let Some((number, failure)) = &statistics.failure {
        let name = names.get(*number as usize).cloned().unwrap_or(format!("input {number}"));
        print::line(&format!("  {name} FAILS: {failure}"))?;
    }
    Ok(())
}
