//! `downbeat fuzz`: a driver on a target, or on all in turn.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use downbeat::TARGETS;
use downbeat::project::Project;
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::{Campaign, End, Options, Summary};

use crate::arguments::FuzzArguments;
use crate::live::Live;
use crate::{Ended, print};

/// Time for one target that is named.
const TIME_ONE: Duration = Duration::from_secs(60);

/// Time for all targets, when none is named.
const TIME_ALL: Duration = Duration::from_secs(180);

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

pub(crate) fn run(arguments: &FuzzArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("cannot watch Ctrl-C")?;
    let targets = match arguments.target {
        Some(target) => vec![target],
        None => TARGETS.to_vec(),
    };
    let share = if arguments.target.is_some() { TIME_ONE } else { TIME_ALL / targets.len() as u32 };
    let options = Options {
        driver: arguments.driver,
        time: arguments.time.unwrap_or(share),
        jobs: arguments.jobs,
        seed: arguments.seed.unwrap_or_else(any_seed),
        corpus: arguments.corpus.clone(),
        canary: arguments.canary,
    };
    let campaign = Campaign { project: &project, options, stop: &STOP };
    let mut live = Live::new();
    let mut summaries = Vec::new();
    let mut ended = Ended::Well;
    if let Err(error) = campaign.build(&targets, &mut live) {
        if STOP.load(Ordering::Relaxed) {
            print::line("\ndownbeat: interrupted before a driver ran")?;
            return Ok(Ended::Interrupted);
        }
        return Err(error);
    }
    for target in targets {
        let summary = campaign.run(target, &mut live)?;
        live.end(&summary.last, how(&summary));
        match &summary.end {
            End::Time => {}
            End::Interrupted => ended = Ended::Interrupted,
            End::Found(finding) => {
                print::line("")?;
                print::line(&finding.report)?;
                if finding.seen > 1 {
                    print::line(&format!(
                        "  seen {} times; the files are those of the first\n",
                        finding.seen
                    ))?;
                }
                ended = Ended::WithFinding;
            }
        }
        summaries.push(summary);
        if STOP.load(Ordering::Relaxed) {
            ended = Ended::Interrupted;
            break;
        }
    }
    table(&campaign, &summaries)?;
    Ok(ended)
}

fn how(summary: &Summary) -> &'static str {
    match summary.end {
        End::Time => "ok",
        End::Found(_) => "FINDING",
        End::Interrupted => "interrupted",
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
                "{count} new inputs of {} in {}",
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
