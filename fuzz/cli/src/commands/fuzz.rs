//! `downbeat fuzz`: runs a driver on a target, or on all targets in turn.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use downbeat_campaign::adapters;
use downbeat_campaign::build::Speed;
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::Outcome;
use downbeat_campaign::{Campaign, End, Finding, Options, Summary};
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::arguments::{FuzzArguments, TargetArgument};
use crate::live::Live;
use crate::{Ended, interrupt, print};

/// The default time of a campaign on a single target.
const TIME_ONE: Duration = Duration::from_secs(60);

/// The default time of campaigns on all targets, in total.
const TIME_ALL: Duration = Duration::from_secs(180);

pub(crate) fn run(arguments: &FuzzArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    let targets = match arguments.target {
        Some(target) => vec![target],
        None if project.is_outside() => adapters::all(&project),
        None => TARGETS.iter().collect(),
    };
    let share = if arguments.target.is_some() { TIME_ONE } else { TIME_ALL / targets.len() as u32 };
    let options = Options {
        driver: arguments.driver,
        time: arguments.time.unwrap_or(share),
        cpu: arguments.cpu_time,
        speed: match arguments.fast {
            true => Speed::Fast,
            // With a limit of CPU time, `--time` is only an upper bound, so it does not say how
            // long the run is.
            false if arguments.cpu_time.is_some() => Speed::Soon,
            false => Speed::of(arguments.time.unwrap_or(share)),
        },
        jobs: arguments.jobs,
        seed: arguments.seed.unwrap_or_else(any_seed),
        // The inputs of a target mean something else, or nothing, to another target.
        corpus: match (&arguments.corpus, arguments.target) {
            (Some(_), None) => {
                bail!("--corpus needs a target; write \"downbeat fuzz TARGET --corpus DIR\"")
            }
            (corpus, _) => corpus.clone(),
        },
        without: arguments.without.clone(),
        canary: arguments.canary,
        extra: arguments.extra.clone(),
    };
    let campaign = Campaign { project: &project, options, stop, wanted: None };
    let mut live = Live::new();
    if arguments.watch {
        live.keep_page(&project)?;
    }
    let mut came = Came::default();
    let ran = run_all(&campaign, &targets, arguments.outcome.as_deref(), &mut live, &mut came);
    let ended = live.end_page();
    came.end(ran.and(ended))
}

/// The result of campaigns on one or all targets.
#[derive(Default)]
struct Came {
    found: bool,
    interrupted: bool,
    /// One line for each driver that died.
    died: Vec<String>,
}

impl Came {
    /// How the command ends. A finding outranks an error, and an error outranks an interruption.
    fn end(self, ran: anyhow::Result<()>) -> anyhow::Result<Ended> {
        let mut wrong = self.died;
        match ran {
            // A closed output is not reported as an error. The exit status still reports a finding
            // or a driver that died.
            Err(error) if crate::is_broken_pipe(&error) => {
                if !self.found && wrong.is_empty() {
                    return Err(error);
                }
            }
            Err(error) => wrong.push(format!("{error:#}")),
            Ok(()) => {}
        }
        if !self.found && !wrong.is_empty() {
            bail!(wrong.join("\ndownbeat: "));
        }
        for line in wrong {
            eprintln!("downbeat: {line}");
        }
        Ok(match self {
            Came { found: true, .. } => Ended::WithFinding,
            Came { interrupted: true, .. } => Ended::Interrupted,
            _ => Ended::Well,
        })
    }
}

fn run_all(
    campaign: &Campaign<'_>,
    targets: &[TargetArgument],
    outcome: Option<&Path>,
    live: &mut Live,
    came: &mut Came,
) -> anyhow::Result<()> {
    let mut summaries = Vec::new();
    for target in targets {
        let program = match campaign.build(target, live) {
            Err(error) if crate::is_broken_pipe(&error) => return Err(error),
            Err(_) if campaign.stop.load(Ordering::Relaxed) => {
                print::line("\ndownbeat: interrupted before a driver ran")?;
                came.interrupted = true;
                break;
            }
            built => built?,
        };
        let mut summary = campaign.run(&program, live)?;
        match &summary.end {
            End::Time => {}
            End::Interrupted => came.interrupted = true,
            End::Found(_) => came.found = true,
            End::Died(why) => came.died.push(format!("{}: {why}", target.name)),
        }
        if let (Some(path), Some(outcome)) = (outcome, Outcome::of(&program, &summary)?) {
            outcome.write(path)?;
        }
        live.end(&summary.last, summary.end.name())?;
        if let End::Found(findings) = &summary.end {
            findings.iter().try_for_each(show)?;
        }
        if let Some(trouble) = summary.trouble.take() {
            return Err(trouble);
        }
        summaries.push(summary);
        if campaign.stop.load(Ordering::Relaxed) {
            came.interrupted = true;
            break;
        }
    }
    table(campaign, &summaries)
}

fn show(finding: &Finding) -> anyhow::Result<()> {
    print::line("")?;
    print::line(&finding.report)?;
    if finding.seen > 1 {
        print::line(&format!(
            "  seen {} times; the files are from the first time, and their input still fails\n",
            finding.seen
        ))?;
    }
    Ok(())
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
            summary.end.name()
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

/// A seed derived from the clock.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) << 20 ^ now.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(found: bool, died: bool, interrupted: bool, ran: anyhow::Result<()>) -> u8 {
        let died = died.then(|| "a driver died".to_owned()).into_iter().collect();
        match (Came { found, interrupted, died }).end(ran) {
            Ok(Ended::Well) => 0,
            Ok(Ended::WithFinding) => 1,
            Ok(Ended::Interrupted) => 130,
            Err(_) => 2,
        }
    }

    #[test]
    fn a_finding_outranks_an_error_and_an_error_outranks_an_interruption() {
        let full = || Err(anyhow::anyhow!("the disk is full"));
        assert_eq!(status(true, true, true, full()), 1);
        assert_eq!(status(true, false, true, Ok(())), 1);
        assert_eq!(status(false, true, true, Ok(())), 2);
        assert_eq!(status(false, false, true, full()), 2);
        assert_eq!(status(false, false, true, Ok(())), 130);
        assert_eq!(status(false, false, false, Ok(())), 0);
    }

    #[test]
    fn a_closed_output_hides_neither_a_finding_nor_a_driver_that_died() {
        let gone = || Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        assert_eq!(status(true, false, false, gone()), 1);
        assert_eq!(status(false, true, false, gone()), 2);
    }
}
