//! What the commands that search for bugs share: how bugs are chosen, the table of searches, and
//! the current work.

use std::io::{self, IsTerminal};

use anyhow::{bail, ensure};
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::{self, Patch, Row, Searcher, Verdict, Watcher};
use downbeat_protocol::project::Project;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::{ChosenArguments, nearest};
use crate::print;

/// The default number of seeds.
pub(crate) const SEEDS: u64 = 3;

/// The patches that the command line selects. All patches are parsed, so a malformed patch is
/// always an error.
pub(crate) fn chosen(project: &Project, arguments: &ChosenArguments) -> anyhow::Result<Vec<Patch>> {
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
    Ok(patches)
}

/// Prints rows of the table to standard output as soon as they are known, and the current work to
/// standard error.
pub(crate) struct Printer {
    pub(crate) table: Table,
    doing: Doing,
    /// Whether rows are not printed.
    pub(crate) is_silent: bool,
}

impl Printer {
    pub(crate) fn new(patches: &[Patch], searchers: &[Searcher], seeds: u64) -> Self {
        let table = Table::new(patches, searchers, seeds);
        Printer { table, doing: Doing::new(), is_silent: false }
    }

    pub(crate) fn end(&self) {
        self.doing.end();
    }
}

/// The current work, on standard error: a line that changes if it is a terminal.
pub(crate) struct Doing {
    bar: ProgressBar,
    terminal: bool,
}

impl Doing {
    pub(crate) fn new() -> Self {
        let terminal = io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is valid"));
        }
        Doing { bar, terminal }
    }

    pub(crate) fn says(&self, what: &str) {
        if self.terminal {
            self.bar.set_message(format!("downbeat: {what} ..."));
        } else {
            eprintln!("downbeat: {what} ...");
        }
    }

    /// Prints a line to standard output.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        self.bar.suspend(|| print::line(line))
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watcher for Printer {
    fn doing(&mut self, what: &str) -> io::Result<()> {
        self.doing.says(what);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let line = self.table.line(row);
        if self.is_silent { Ok(()) } else { self.doing.line(&line) }
    }

    fn verdict(&mut self, patch: &Patch, verdict: &Verdict) -> io::Result<()> {
        let said = match verdict {
            Verdict::Good => "applies and compiles".to_owned(),
            Verdict::DoesNotApply(why) => format!("DOES NOT APPLY: {why}"),
            Verdict::DoesNotCompile(why) => format!("DOES NOT COMPILE: {why}"),
        };
        let line = format!("{}: {said}", patch.name());
        self.doing.line(&line)
    }
}

/// The table, with a line for each bug and searcher. Only the first line of a bug has the bug's
/// name.
pub(crate) struct Table {
    seeds: u64,
    patch_width: usize,
    target_width: usize,
    driver_width: usize,
    /// The bug of the last printed line.
    printed: Option<String>,
}

impl Table {
    fn new(patches: &[Patch], searchers: &[Searcher], seeds: u64) -> Self {
        let drivers = searchers.iter().map(|searcher| searcher.to_string().len());
        let width = |name: &str, of: &dyn Fn(&Patch) -> usize| {
            patches.iter().map(of).max().unwrap_or(0).max(name.len())
        };
        Table {
            seeds,
            patch_width: width("patch", &|patch| patch.slug.len()),
            target_width: width("target", &|patch| patch.target.name.len()),
            driver_width: drivers.max().unwrap_or(0).max(9),
            printed: None,
        }
    }

    pub(crate) fn head(&self) -> String {
        let cpu = format!("CPU s (median of {})", self.seeds);
        self.columns(["patch", "target", "driver", "found", &cpu, "executions", "ops left (most)"])
    }

    fn line(&mut self, row: &Row<'_>) -> String {
        let name = row.patch.name();
        let (slug, target) = match self.printed.replace(name.clone()) {
            Some(printed) if printed == name => ("", ""),
            _ => (&*row.patch.slug, row.patch.target.name),
        };
        let or_none = |figure: Option<String>| figure.unwrap_or_else(|| "-".to_owned());
        self.columns([
            slug,
            target,
            &row.searcher.to_string(),
            &format!("{}/{}", row.found(), row.outcomes.len()),
            &or_none(row.cpu_seconds().map(seconds)),
            &or_none(row.executions().map(thousands)),
            &or_none(row.operations().map(|count| count.to_string())),
        ])
    }

    fn columns(&self, texts: [&str; 7]) -> String {
        let [patch, target, driver, found, cpu, executions, operations] = texts;
        let (patch_width, target_width) = (self.patch_width, self.target_width);
        let driver_width = self.driver_width;
        // These columns must be wide enough for their headings and figures with any number of
        // seeds.
        let digits = self.seeds.to_string().len();
        let (found_width, cpu_width) = ((2 * digits + 1).max(5), 18 + digits);
        format!(
            "{patch:<patch_width$}  {target:<target_width$}  {driver:<driver_width$}  {found:<found_width$}  \
             {cpu:<cpu_width$}  {executions:<10}  {operations}"
        )
    }
}

/// CPU seconds, with two digits after the point if they are few.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{seconds:.2}") } else { format!("{seconds:.1}") }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use downbeat_campaign::planted::{Found, Outcome};
    use downbeat_campaign::{LIBFUZZER, SEEDED};

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
        let found = |operations| Found {
            check: "cache_map/a".to_owned(),
            operations,
            fails_without_patch: None,
        };
        Outcome { cpu_seconds, executions, found: operations.map(found) }
    }

    #[test]
    fn a_bug_is_named_in_its_first_line_and_columns_are_aligned() {
        let patches = [patch("a-tombstone-is-dropped"), patch("short")];
        let searchers = [LIBFUZZER, SEEDED].map(Searcher::plain);
        let mut table = Table::new(&patches, &searchers, 3);
        let outcomes = vec![
            outcome(4.06, 11_204, Some(6)),
            outcome(0.2, 13, Some(2)),
            outcome(60.0, 999_999, None),
        ];
        let row = |patch, place: usize| Row {
            patch,
            searcher: &searchers[place],
            outcomes: outcomes.clone(),
        };
        let lines = [
            table.head(),
            table.line(&row(&patches[0], 0)),
            table.line(&row(&patches[0], 1)),
            table.line(&Row {
                patch: &patches[1],
                searcher: &searchers[0],
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
