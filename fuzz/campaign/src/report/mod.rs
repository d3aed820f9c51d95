//! The report: one HTML page about recorded campaigns, findings, planted bugs and coverage.
//!
//! The page needs no other file and no network.
//!
//! | module | contents |
//! |---|---|
//! | `page` | the page, from what is gathered here |
//! | `bars` | histograms of operations, events and faults |
//! | `plot` | plots of figures over time, as SVG |

mod bars;
mod page;
mod plot;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::TARGETS;

use crate::coverage::{self, Component};
use crate::folder::entries;
use crate::history::{self, History};
use crate::planted;

/// What the page shows.
#[derive(Debug, Default)]
pub struct Report {
    /// The campaigns, the earliest first.
    pub histories: Vec<History>,
    /// The filed findings, by target and folder.
    pub findings: Vec<Filed>,
    /// The stored outcomes of searches for planted bugs.
    pub planted: Vec<Searched>,
    /// The coverage of each component that was measured last; empty if it was never measured.
    pub coverage: Vec<Component>,
}

/// A filed finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The target's name.
    pub target: String,
    /// The name of the finding's folder.
    pub folder: String,
    /// How often it was seen.
    pub seen: u64,
    /// The report on it, as lines.
    pub report: String,
}

/// The searches of a driver for the planted bugs of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// The target's name.
    pub target: String,
    /// The driver's name.
    pub driver: String,
    /// The number of searches.
    pub searches: usize,
    /// In how many of them the bug was found.
    pub found: usize,
    /// The median of the CPU seconds of searches that found the bug.
    pub cpu_seconds: Option<f64>,
}

impl Report {
    /// Gathers what the page shows. Campaigns are read from `folders`, or from the checkout's own
    /// folder if there are none.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder of `folders` or a file cannot be read.
    pub fn gather(project: &Project, folders: &[PathBuf]) -> Result<Self> {
        let own = [history::folder(project)];
        let folders = match folders {
            [] if own[0].is_dir() => &own[..],
            folders => folders,
        };
        let mut histories = Vec::new();
        for folder in folders {
            for file in entries(folder)? {
                if file.extension().is_some_and(|extension| extension == "jsonl") {
                    histories.extend(History::read(&file)?);
                }
            }
        }
        histories.sort_by_key(|history| history.start.at);
        let mut findings = Vec::new();
        for target in TARGETS {
            let artifacts = project.artifacts(target.name);
            if artifacts.is_dir() {
                findings.extend(entries(&artifacts)?.iter().filter_map(|f| filed(target.name, f)));
            }
        }
        let planted = searched(&planted::stored(project)?);
        let coverage = coverage::stored(project);
        Ok(Report { histories, findings, planted, coverage })
    }

    /// The page. With `refresh`, a browser loads it again after this many seconds.
    ///
    /// # Errors
    ///
    /// Returns an error if a plot cannot be drawn.
    pub fn page(&self, refresh: Option<u32>) -> Result<String> {
        page::page(self, refresh)
    }
}

/// The finding in a folder; `None` if the folder has none.
fn filed(target: &str, folder: &Path) -> Option<Filed> {
    let report = std::fs::read_to_string(folder.join("report.txt")).ok()?;
    let seen = std::fs::read_to_string(folder.join("seen")).unwrap_or_default();
    let (target, seen) = (target.to_owned(), seen.trim().parse().unwrap_or(1));
    let folder = folder.file_name()?.to_string_lossy().into_owned();
    Some(Filed { target, folder, seen, report })
}

/// The stored outcomes, by target and driver.
fn searched(stored: &[planted::Stored]) -> Vec<Searched> {
    let mut rows: BTreeMap<(String, String), Vec<&planted::Stored>> = BTreeMap::new();
    for outcome in stored {
        let target = outcome.patch.split('/').next().unwrap_or("").to_owned();
        rows.entry((target, outcome.driver.clone())).or_default().push(outcome);
    }
    let rows = rows.into_iter().map(|((target, driver), outcomes)| {
        let mut seconds: Vec<f64> = Vec::new();
        for stored in &outcomes {
            seconds.extend(stored.outcome.found.as_ref().map(|_| stored.outcome.cpu_seconds));
        }
        seconds.sort_by(f64::total_cmp);
        let cpu_seconds = seconds.get(seconds.len() / 2).copied();
        Searched { target, driver, searches: outcomes.len(), found: seconds.len(), cpu_seconds }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Counts, Point, Start};
    use crate::planted::{Found, Outcome, Stored};

    fn history(target: &str, driver: &str, executions: &[u64]) -> History {
        let (target, driver) = (target.to_owned(), driver.to_owned());
        let start = Start { target, driver, seed: 7, jobs: 1, at: 1_700_000_000, buckets: 40 };
        let points = executions.iter().zip(1_u32..).map(|(executions, second)| Point {
            seconds: second.into(),
            executions: *executions,
            steps: 10 * executions,
            states: second as usize,
            edges: Some(100 * u64::from(second)),
            corpus: None,
        });
        let named = |name: &str, count| vec![(name.to_owned(), count)];
        let counts = Counts {
            operations: named("put", 1_234_567),
            events: named("split", 77),
            faults: named("torn", 5),
        };
        let counts = Some(counts);
        History { start, points: points.collect(), counts, end: Some("ok".to_owned()) }
    }

    #[test]
    fn the_page_has_every_campaign_finding_and_figure_and_escapes_texts() {
        let finding = Filed {
            target: "tree".to_owned(),
            folder: "6e44-lost-1".to_owned(),
            seen: 3,
            report: "tree: FINDING: 1 < 2 & <script>".to_owned(),
        };
        let report = Report {
            histories: vec![
                history("tree", "libfuzzer", &[5, 90]),
                history("grid", "seeded", &[3]),
            ],
            findings: vec![finding],
            planted: vec![Searched {
                target: "tree".to_owned(),
                driver: "seeded".to_owned(),
                searches: 6,
                found: 5,
                cpu_seconds: Some(2.25),
            }],
            coverage: Vec::new(),
        };
        let page = report.page(None).expect("a page");
        assert!(!page.contains("http-equiv"), "{page}");
        assert!(report.page(Some(5)).expect("a page").contains("http-equiv=\"refresh\""));
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        for part in [
            "data-target=\"tree\"",
            "data-target=\"grid\"",
            "6e44-lost-1",
            "1 &lt; 2 &amp; &lt;script&gt;",
            "5 of 6",
            "900",
            "1,234,567",
            "torn",
            "<svg ",
        ] {
            assert!(page.contains(part), "no {part:?} in {page}");
        }
        // It is self-contained.
        for part in [" src=", "href=\"http", "@import", "url("] {
            assert!(!page.contains(part), "{part:?} in {page}");
        }
    }

    #[test]
    fn searches_are_counted_by_target_and_driver() {
        let stored = |patch: &str, seconds: f64, found: bool| Stored {
            patch: patch.to_owned(),
            driver: "seeded".to_owned(),
            seed: 1,
            outcome: Outcome {
                cpu_seconds: seconds,
                executions: 1,
                found: found.then(|| Found {
                    check: "c".to_owned(),
                    operations: 1,
                    fails_without_patch: None,
                }),
            },
        };
        let rows = searched(&[
            stored("tree/a", 3.0, true),
            stored("tree/b", 1.0, true),
            stored("tree/b", 60.0, false),
            stored("grid/a", 60.0, false),
        ]);
        let figures: Vec<_> = rows
            .iter()
            .map(|row| (row.target.as_str(), row.searches, row.found, row.cpu_seconds))
            .collect();
        assert_eq!(figures, [("grid", 1, 0, None), ("tree", 3, 2, Some(3.0))]);
    }
}
