//! `downbeat planted`: plants bugs in a copy of the checkout and measures how fast drivers find
//! them.

use std::io::{self, IsTerminal};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::{self, Patch, Plan, Row, Verdict, Watcher};
use downbeat_campaign::{LIBFUZZER, SEEDED};
use downbeat_protocol::project::Project;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::{PlantedArguments, nearest};
use crate::{Ended, interrupt, print};

/// The default number of seeds, except in a rotation, where it is 1.
const SEEDS: u64 = 3;

pub(crate) fn run(arguments: &PlantedArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let patches = chosen(&project, arguments)?;
    let stop = interrupt::watch()?;
    let in_rotation = arguments.rotate.is_some();
    let seeds = arguments.seeds.unwrap_or(if in_rotation { 1 } else { SEEDS });
    let mut printer = Printer::new(&patches, seeds);
    if arguments.check {
        let good = planted::check(&project, &patches, &mut printer, stop)?;
        printer.end();
        return Ok(match good {
            None => Ended::Interrupted,
            Some(true) => Ended::Well,
            Some(false) => Ended::WithFinding,
        });
    }
    let drivers = match &arguments.drivers[..] {
        [] if in_rotation => &[LIBFUZZER][..],
        [] => &[LIBFUZZER, SEEDED],
        some => some,
    };
    let plan = Plan {
        project: &project,
        patches: &patches,
        drivers,
        seeds,
        limit: arguments.time,
        fresh: arguments.fresh,
    };
    print::line(&printer.table.head())?;
    let rows = plan.run(&mut printer, stop)?;
    printer.end();
    let Some(rows) = rows else {
        print::line("downbeat: interrupted; run the same command to continue")?;
        return Ok(Ended::Interrupted);
    };
    let faults: Vec<String> = rows.iter().flat_map(Row::faults).collect();
    if faults.is_empty() {
        return Ok(Ended::Well);
    }
    print::line("")?;
    faults.iter().try_for_each(|fault| print::line(fault))?;
    Ok(Ended::WithFinding)
}

/// The patches that the command line selects. All patches are parsed, so a malformed patch is
/// always an error.
fn chosen(project: &Project, arguments: &PlantedArguments) -> anyhow::Result<Vec<Patch>> {
    let mut patches = planted::patches(project)?;
    if let Some(target) = arguments.target {
        patches.retain(|patch| patch.target.name == target.name);
        ensure!(
            !patches.is_empty(),
            "target {0} has no planted bugs; add a patch in fuzz/planted/{0}",
            target.name
        );
    }
    for slug in &arguments.slugs {
        let slugs: Vec<&str> = patches.iter().map(|patch| &*patch.slug).collect();
        if !slugs.contains(&&**slug) {
            match nearest(slug, &slugs) {
                Some(nearest) => bail!("unknown bug \"{slug}\"; did you mean \"{nearest}\"?"),
                None => bail!("unknown bug \"{slug}\"; the patches are in fuzz/planted"),
            }
        }
    }
    if !arguments.slugs.is_empty() {
        patches.retain(|patch| arguments.slugs.contains(&patch.slug));
    }
    if let Some(count) = arguments.rotate {
        let turn = arguments.turn.map_or_else(|| commits(project), Ok)?;
        patches = planted::in_rotation(patches, count as usize, turn);
    }
    Ok(patches)
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

/// Prints rows of the table to standard output as soon as they are known, and the current work to
/// standard error.
struct Printer {
    table: Table,
    bar: ProgressBar,
    terminal: bool,
}

impl Printer {
    fn new(patches: &[Patch], seeds: u64) -> Self {
        let terminal = io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is valid"));
        }
        Printer { table: Table::new(patches, seeds), bar, terminal }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watcher for Printer {
    fn doing(&mut self, what: &str) -> io::Result<()> {
        if self.terminal {
            self.bar.set_message(format!("downbeat: {what} ..."));
        } else {
            eprintln!("downbeat: {what} ...");
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let line = self.table.line(row);
        self.bar.suspend(|| print::line(&line))
    }

    fn verdict(&mut self, patch: &Patch, verdict: &Verdict) -> io::Result<()> {
        let said = match verdict {
            Verdict::Good => "applies and compiles".to_owned(),
            Verdict::DoesNotApply(why) => format!("DOES NOT APPLY: {why}"),
            Verdict::DoesNotCompile(why) => format!("DOES NOT COMPILE: {why}"),
        };
        let line = format!("{}: {said}", patch.name());
        self.bar.suspend(|| print::line(&line))
    }
}

/// The table, with a line for each bug and driver. Only the first line of a bug has the bug's name.
struct Table {
    seeds: u64,
    patch_width: usize,
    target_width: usize,
    /// The bug of the last printed line.
    printed: Option<String>,
}

impl Table {
    fn new(patches: &[Patch], seeds: u64) -> Self {
        let width = |name: &str, of: &dyn Fn(&Patch) -> usize| {
            patches.iter().map(of).max().unwrap_or(0).max(name.len())
        };
        Table {
            seeds,
            patch_width: width("patch", &|patch| patch.slug.len()),
            target_width: width("target", &|patch| patch.target.name.len()),
            printed: None,
        }
    }

    fn head(&self) -> String {
        let cpu = format!("CPU s (median of {})", self.seeds);
        self.columns(["patch", "target", "driver", "found", &cpu, "executions", "ops left (most)"])
    }

    fn line(&mut self, row: &Row<'_>) -> String {
        let name = row.patch.name();
        let (slug, target) = match self.printed.replace(name.clone()) {
            Some(printed) if printed == name => ("", ""),
            _ => (&*row.patch.slug, row.patch.target.name),
        };
        let seconds = |s: f64| if s < 1.0 { format!("{s:.2}") } else { format!("{s:.1}") };
        let or_none = |figure: Option<String>| figure.unwrap_or_else(|| "-".to_owned());
        self.columns([
            slug,
            target,
            row.driver.name(),
            &format!("{}/{}", row.found(), row.outcomes.len()),
            &or_none(row.cpu_seconds().map(seconds)),
            &or_none(row.executions().map(thousands)),
            &or_none(row.operations().map(|count| count.to_string())),
        ])
    }

    fn columns(&self, texts: [&str; 7]) -> String {
        let [patch, target, driver, found, cpu, executions, operations] = texts;
        let (patch_width, target_width) = (self.patch_width, self.target_width);
        // These columns must be wide enough for their headings and figures with any number of
        // seeds.
        let digits = self.seeds.to_string().len();
        let (found_width, cpu_width) = ((2 * digits + 1).max(5), 18 + digits);
        format!(
            "{patch:<patch_width$}  {target:<target_width$}  {driver:<9}  {found:<found_width$}  \
             {cpu:<cpu_width$}  {executions:<10}  {operations}"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use downbeat_campaign::planted::{Found, Outcome};

    use super::*;

    fn patch(slug: &str) -> Patch {
        let path = format!("fuzz/planted/cache_map/{slug}.patch");
        let text = format!(
            "# {path}\n# what w\n# seen shape: s\n# target cache_map\n\
             # expect check cache_map/a\n# difficulty e\n--- a/lsm/src/a.rs\n+++ b/lsm/src/a.rs\n"
        );
        Patch::parse(Path::new(&path), &text).expect("well-formed")
    }

    fn outcome(cpu_seconds: f64, executions: u64, operations: Option<usize>) -> Outcome {
        let found = |operations| Found { check: "cache_map/a".to_owned(), operations };
        Outcome { cpu_seconds, executions, found: operations.map(found) }
    }

    #[test]
    fn a_bug_is_named_in_its_first_line_and_columns_are_aligned() {
        let patches = [patch("a-tombstone-is-dropped"), patch("short")];
        let mut table = Table::new(&patches, 3);
        let outcomes = vec![
            outcome(4.06, 11_204, Some(6)),
            outcome(0.2, 13, Some(2)),
            outcome(60.0, 999_999, None),
        ];
        let row = |patch, driver| Row { patch, driver, outcomes: outcomes.clone() };
        let lines = [
            table.head(),
            table.line(&row(&patches[0], LIBFUZZER)),
            table.line(&row(&patches[0], SEEDED)),
            table.line(&Row {
                patch: &patches[1],
                driver: LIBFUZZER,
                outcomes: vec![outcome(60.0, 5, None)],
            }),
        ];
        let expected = "\
patch                   target     driver     found  CPU s (median of 3)  executions  ops left (most)
a-tombstone-is-dropped  cache_map  libfuzzer  2/3    0.20                 13          6
                                   seeded     2/3    0.20                 13          6
short                   cache_map  libfuzzer  0/1    -                    -           -";
        assert_eq!(lines.join("\n"), expected);
    }
}
