//! `downbeat compare`: compares drivers, their options and what they start with, by the planted
//! bugs that they find.

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::{Comparison, Figures, Origin, Patch, Plan, Row, Searcher};
use downbeat_campaign::{LIBFUZZER, SEEDED, sample};
use downbeat_protocol::project::Project;

use super::searches::{Printer, SEEDS, chosen, seconds};
use crate::arguments::CompareArguments;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &CompareArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let searchers = match &arguments.searchers[..] {
        [] => [LIBFUZZER, SEEDED].map(Searcher::plain).to_vec(),
        some => some.to_vec(),
    };
    let origins = match &arguments.origins[..] {
        [] => &[Origin::Empty][..],
        some => some,
    };
    let searchers = Searcher::from_each(&searchers, origins)?;
    let mut patches = chosen(&project, &arguments.chosen)?;
    if let Some(count) = arguments.sample {
        patches = sample(patches, Patch::name, count as usize, arguments.draw);
    }
    let stop = interrupt::watch()?;
    let seeds = arguments.seeds.unwrap_or(SEEDS);
    let plan = Plan {
        project: &project,
        patches: &patches,
        searchers: &searchers,
        seeds,
        limit: arguments.time,
        fresh: arguments.fresh,
    };
    let mut printer = Printer::new(&patches, &searchers, seeds);
    printer.is_silent = arguments.json;
    if !arguments.json {
        print::line(&printer.table.head())?;
    }
    let ran = plan.run(&mut printer, stop)?;
    printer.end();
    let comparison = Comparison::of(&ran);
    if arguments.json {
        print::line(&comparison.json())?;
    } else {
        print::line("")?;
        table(&comparison.searchers).iter().try_for_each(|line| print::line(line))?;
        for line in ran.rows.iter().flat_map(Row::others) {
            print::line(&line)?;
        }
    }
    if ran.is_complete {
        return Ok(Ended::Well);
    }
    let done = ran.rows.len() / searchers.len();
    eprintln!(
        "downbeat: interrupted after {done} of {} bugs; run the same command to continue",
        patches.len()
    );
    Ok(Ended::Interrupted)
}

/// The table of searchers, as lines.
fn table(searchers: &[Figures]) -> Vec<String> {
    let width = searchers.iter().map(|it| it.searcher.len()).max().unwrap_or(0).max(8);
    let columns = |texts: [&str; 9]| {
        let [searcher, searches, found, cut_off, cpu, mean_cpu, executions, mean, first] = texts;
        format!(
            "{searcher:<width$}  {searches:>8}  {found:>6}  {cut_off:>7}  {cpu:>8}  {mean_cpu:>10}  \
             {executions:>12}  {mean:>15}  {first:>5}"
        )
    };
    let heads = ["searcher", "searches", "found", "cut off", "CPU s", "mean CPU s"];
    let [a, b, c, d, e, f] = heads;
    let mut lines = vec![columns([a, b, c, d, e, f, "executions", "mean executions", "first"])];
    for figures in searchers {
        // If a search was cut off, the true mean is larger.
        let bound = if figures.cut_off > 0 { ">= " } else { "" };
        lines.push(columns([
            &figures.searcher,
            &figures.searches.to_string(),
            &figures.found.to_string(),
            &figures.cut_off.to_string(),
            &seconds(figures.cpu_seconds),
            &format!("{bound}{}", seconds(figures.mean_cpu_seconds)),
            &thousands(figures.executions),
            &format!("{bound}{}", thousands(figures.mean_executions as u64)),
            &figures.first.to_string(),
        ]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_over_searches_that_were_cut_off_is_a_lower_bound() {
        let figures = |searcher: &str, cut_off| Figures {
            searcher: searcher.to_owned(),
            searches: 30,
            found: 30 - cut_off,
            cut_off,
            cpu_seconds: 61.25,
            mean_cpu_seconds: 0.5,
            executions: 1_234_567,
            mean_executions: 1204.7,
            first: 12,
        };
        let lines = table(&[figures("libfuzzer -entropic=1", 0), figures("seeded", 2)]);
        let expected = "\
searcher               searches   found  cut off     CPU s  mean CPU s    executions  mean executions  first
libfuzzer -entropic=1        30      30        0      61.2        0.50     1,234,567            1,204     12
seeded                       30      28        2      61.2     >= 0.50     1,234,567         >= 1,204     12";
        assert_eq!(lines.join("\n"), expected);
    }
}
