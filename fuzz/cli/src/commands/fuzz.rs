//! `downbeat fuzz`: a driver on a target, or on all in turn.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use downbeat::TARGETS;
use downbeat::project::Project;
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::Outcome;
use downbeat_campaign::{Campaign, End, Finding, Options, Summary};

use crate::arguments::{FuzzArguments, TargetArgument};
use crate::live::Live;
use crate::{Ended, interrupt, print};

/// Time for one target that is named.
const TIME_ONE: Duration = Duration::from_secs(60);

/// Time for all targets, when none is named.
const TIME_ALL: Duration = Duration::from_secs(180);

pub(crate) fn run(arguments: &FuzzArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.to_vec(),
    };
    let share = if arguments.target.is_some() { TIME_ONE } else { TIME_ALL / targets.len() as u32 };
    let options = Options {
        driver: arguments.driver,
        time: arguments.time.unwrap_or(share),
        cpu: arguments.cpu_time,
        jobs: arguments.jobs,
        seed: arguments.seed.unwrap_or_else(any_seed),
        // Inputs of one target are noise to another.
        corpus: match (&arguments.corpus, arguments.target) {
            (Some(_), None) => {
                bail!("--corpus is a folder of one target's inputs; name the target")
            }
            (corpus, _) => corpus.clone(),
        },
        canary: arguments.canary,
    };
    let campaign = Campaign { project: &project, options, stop };
    let mut ended = Ended::Well;
    match run_all(&campaign, &targets, arguments.outcome.as_deref(), &mut ended) {
        // What was found is on disk, whether or not anybody still reads this.
        Err(error) if matches!(ended, Ended::WithFinding) && crate::is_broken_pipe(&error) => {}
        Err(_) if stop.load(Ordering::Relaxed) => {
            print::line("\ndownbeat: interrupted before a driver ran")?;
            return Ok(Ended::Interrupted);
        }
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    Ok(ended)
}

fn run_all(
    campaign: &Campaign<'_>,
    targets: &[TargetArgument],
    outcome: Option<&Path>,
    ended: &mut Ended,
) -> anyhow::Result<()> {
    let mut live = Live::new();
    let mut summaries = Vec::new();
    let mut died = None;
    campaign.build(targets, &mut live)?;
    for target in targets {
        let summary = campaign.run(*target, &mut live)?;
        match &summary.end {
            End::Time => {}
            End::Interrupted => *ended = Ended::Interrupted,
            End::Found(_) => *ended = Ended::WithFinding,
            End::Died(why) => died = Some(format!("{}: {why}", target.name())),
        }
        if let (Some(path), Some(outcome)) = (outcome, Outcome::of(*target, &summary)?) {
            outcome.write(path)?;
        }
        live.end(&summary.last, how(&summary))?;
        if let End::Found(findings) = &summary.end {
            findings.iter().try_for_each(show)?;
        }
        summaries.push(summary);
        if campaign.stop.load(Ordering::Relaxed) {
            *ended = Ended::Interrupted;
            break;
        }
    }
    table(campaign, &summaries)?;
    died.map_or(Ok(()), |why| Err(anyhow::anyhow!(why)))
}

fn show(finding: &Finding) -> anyhow::Result<()> {
    print::line("")?;
    print::line(&finding.report)?;
    if finding.seen > 1 {
        print::line(&format!(
            "  seen {} times; the files are those of the first, which still fails\n",
            finding.seen
        ))?;
    }
    Ok(())
}

fn how(summary: &Summary) -> &'static str {
    match summary.end {
        End::Time => "ok",
        End::Found(_) => "FINDING",
        End::Interrupted => "interrupted",
        End::Died(_) => "died",
    }
}

fn table(campaign: &Campaign<'_>, summaries: &[Summary]) -> anyhow::Result<()> {
    let Options { driver, seed, .. } = &campaign.options;
    print::line("")?;
    print::line(&format!(
        "{:<15} {:<10} {:>6} {:>14} {:>14} {:>8} {:>8}  result",
        "target", "driver", "time", "executions", "steps", "edges", "corpus"
    ))?;
    let figure = |figure: Option<u64>| figure.map_or("-".to_owned(), thousands);
    for summary in summaries {
        let last = &summary.last;
        print::line(&format!(
            "{:<15} {:<10} {:>4.0} s {:>14} {:>14} {:>8} {:>8}  {}",
            last.target,
            driver.name(),
            last.elapsed.as_secs_f64(),
            thousands(last.figures.executions),
            thousands(last.figures.steps),
            figure(last.edges),
            figure(last.corpus),
            how(summary)
        ))?;
    }
    print::line(&format!("seed {seed}"))?;
    for summary in summaries {
        if let Some((folder, count)) = &summary.new_inputs {
            let folder = folder.strip_prefix(campaign.project.root()).unwrap_or(folder);
            print::line(&format!(
                "{count} more files of {} in {}",
                summary.last.target,
                folder.display()
            ))?;
        }
    }
    Ok(())
}

/// A seed that nobody chose.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) << 20 ^ now.as_secs()
}
