//! `downbeat rediscover`: finds known bugs of released engines again.

use anyhow::{bail, ensure};
use downbeat_campaign::SEEDED;
use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::planted::Outcome;
use downbeat_campaign::rediscover::{self, Known, Rediscovery, Search};
use downbeat_protocol::project::Project;

use crate::arguments::{RediscoverArguments, nearest};
use crate::live::Aside;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &RediscoverArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    let bugs = chosen(&project, &arguments.cases)?;
    let drivers = match &arguments.drivers[..] {
        [] => &[SEEDED][..],
        some => some,
    };
    for driver in drivers {
        ensure!(
            driver.runs_adapters(),
            "--driver {} runs no adapter of an engine; use libfuzzer or seeded",
            driver.name()
        );
    }
    let widths = Widths::of(&bugs);
    print::line(&widths.head())?;
    let mut faults = Vec::new();
    for known in &bugs {
        for driver in drivers.iter().copied() {
            let (limit, seed) = (arguments.time, arguments.seed);
            let search = Search { project: &project, driver, limit, seed };
            let Some(found) = search.run(known, &mut Aside, stop)? else {
                print::line("downbeat: interrupted")?;
                return Ok(Ended::Interrupted);
            };
            print::line(&widths.row(known, driver.name(), &found))?;
            let fixed = found.fixed.iter().flat_map(|fixed| &fixed.others);
            let mut others: Vec<&String> = found.broken.others.iter().chain(fixed).collect();
            others.sort();
            others.dedup();
            if !others.is_empty() {
                let others: Vec<&str> = others.into_iter().map(String::as_str).collect();
                let others = others.join(", ");
                print::line(&format!("  passed over, as other bugs: {others}"))?;
            }
            if let Some(fault) = found.fault() {
                faults.push(format!("{}, {}: {fault}", known.slug, driver.name()));
            }
        }
    }
    print::line("")?;
    bugs.iter().try_for_each(|known| {
        print::line(&format!("{}: {} ({})", known.slug, known.what, known.seen))
    })?;
    if faults.is_empty() {
        return Ok(Ended::Well);
    }
    print::line("")?;
    faults.iter().try_for_each(|fault| print::line(fault))?;
    Ok(Ended::WithFinding)
}

/// The bugs that the command line names; all if it names none.
fn chosen(project: &Project, cases: &[String]) -> anyhow::Result<Vec<Known>> {
    let mut bugs = rediscover::known(project)?;
    for case in cases {
        let slugs: Vec<&str> = bugs.iter().map(|known| &*known.slug).collect();
        if !slugs.contains(&&**case) {
            match nearest(case, &slugs) {
                Some(nearest) => bail!("unknown bug \"{case}\"; did you mean \"{nearest}\"?"),
                None => bail!("unknown bug \"{case}\"; bugs are {}", slugs.join(", ")),
            }
        }
    }
    if !cases.is_empty() {
        bugs.retain(|known| cases.contains(&known.slug));
    }
    Ok(bugs)
}

/// The widths of the columns that differ between calls.
struct Widths {
    slug: usize,
    engine: usize,
}

impl Widths {
    fn of(bugs: &[Known]) -> Self {
        let width = |name: &str, of: &dyn Fn(&Known) -> usize| {
            bugs.iter().map(of).max().unwrap_or(0).max(name.len())
        };
        Widths {
            slug: width("bug", &|known| known.slug.len()),
            engine: width("version", &|known| engine(known).len()),
        }
    }

    fn head(&self) -> String {
        self.columns([
            "bug",
            "version",
            "driver",
            "CPU s",
            "executions",
            "ops left",
            "check",
            "fixed version",
        ])
    }

    fn row(&self, known: &Known, driver: &str, found: &Rediscovery) -> String {
        let Outcome { cpu_seconds, executions, found: check } = &found.broken.outcome;
        let (operations, check) = match check {
            Some(found) => (found.operations.to_string(), &*found.check),
            None => ("-".to_owned(), "not found"),
        };
        let seconds = |seconds: f64| format!("{seconds:.1}");
        let fixed = match (&known.fixed, &found.fixed) {
            (None, _) => "none".to_owned(),
            (Some(version), None) => format!("{version}: not run"),
            (Some(version), Some(fixed)) => {
                let how = match &fixed.outcome.found {
                    None => "clean for",
                    Some(_) => "found after",
                };
                format!("{version}: {how} {} s", seconds(fixed.outcome.cpu_seconds))
            }
        };
        self.columns([
            &known.slug,
            &engine(known),
            driver,
            &seconds(*cpu_seconds),
            &thousands(*executions),
            &operations,
            check.strip_prefix("engine/").unwrap_or(check),
            &fixed,
        ])
    }

    fn columns(&self, texts: [&str; 8]) -> String {
        let [slug, engine, driver, cpu, executions, operations, check, fixed] = texts;
        let Widths { slug: slug_width, engine: engine_width } = self;
        format!(
            "{slug:<slug_width$}  {engine:<engine_width$}  {driver:<9}  {cpu:>6}  {executions:>10}  \
             {operations:>8}  {check:<26}  {fixed}"
        )
    }
}

/// The engine and its version.
fn engine(known: &Known) -> String {
    format!("{} {}", known.adapter.name, known.version)
}
