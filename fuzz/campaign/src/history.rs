//! The history of a campaign: its figures over time, in a file of `target/runs`.
//!
//! Each line of the file is JSON. The first line says what runs, a line for each second has the
//! figures until then, some lines have the operations and events until then, and the last line says
//! how the campaign ended. A campaign that was killed has no last line, and its last second may be
//! incomplete.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Facts, Histogram};
use nanoserde::{DeJson, SerJson};

use crate::observer::Snapshot;

/// Time between two lines of figures.
const PACE: Duration = Duration::from_secs(1);

/// Time between two lines of operations and events.
const PACE_OF_COUNTS: Duration = Duration::from_secs(5);

/// What a campaign runs.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Start {
    /// The target's name.
    pub target: String,
    /// The driver's name.
    pub driver: String,
    /// The seed of the first process.
    pub seed: u64,
    /// The number of processes.
    pub jobs: u32,
    /// The start, in seconds since 1970.
    pub at: u64,
    /// The number of buckets of states that the target has.
    pub buckets: usize,
}

/// The figures of a campaign at a time.
#[derive(Clone, Debug, PartialEq, SerJson, DeJson)]
pub struct Point {
    /// Seconds since the drivers started.
    pub seconds: f64,
    /// Executions.
    pub executions: u64,
    /// Steps.
    pub steps: u64,
    /// States that were reached.
    pub states: usize,
    /// Covered edges; `None` for a driver without coverage.
    pub edges: Option<u64>,
    /// Inputs in the corpus; `None` for a driver without a corpus.
    pub corpus: Option<u64>,
}

impl Point {
    fn of(snapshot: &Snapshot) -> Self {
        Point {
            seconds: snapshot.elapsed.as_secs_f64(),
            executions: snapshot.figures.executions,
            steps: snapshot.figures.steps,
            states: snapshot.figures.states.len(),
            edges: snapshot.edges,
            corpus: snapshot.corpus,
        }
    }
}

/// How often each operation was applied and each event happened, by name. What never happened is
/// included.
#[derive(Clone, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct Counts {
    /// The operations.
    pub operations: Vec<(String, u64)>,
    /// The events that are no faults.
    pub events: Vec<(String, u64)>,
    /// The faults and crashes of the simulated disk.
    pub faults: Vec<(String, u64)>,
}

impl Counts {
    fn of(facts: &Facts, histogram: &Histogram) -> Self {
        let named = |names: &[String], counts: &[u64]| -> Vec<(String, u64)> {
            names.iter().cloned().zip(counts.iter().copied()).collect()
        };
        let all = named(&facts.events, &histogram.events);
        let (faults, events) = all.into_iter().partition(|(name, _)| facts.faults.contains(name));
        Counts { operations: named(&facts.kinds, &histogram.kinds), events, faults }
    }
}

/// How a campaign ended.
#[derive(Clone, Debug, PartialEq, SerJson, DeJson)]
struct Last {
    last: Point,
    /// `ok`, `finding`, `interrupted` or `died`.
    end: String,
}

/// The history of a campaign that runs.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    file: File,
    facts: Facts,
    written: Duration,
    counted: Duration,
}

impl Recorder {
    /// Begins the history of a campaign in a new file.
    pub(crate) fn begin(project: &Project, mut start: Start, facts: Facts) -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        start.at = now.as_secs();
        let folder = folder(project);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let process = std::process::id();
        let Start { at, target, driver, .. } = &start;
        let path = folder.join(format!("{at}-{process}-{target}-{driver}.jsonl"));
        let file = OpenOptions::new().append(true).create(true).open(&path);
        let file = file.with_context(|| format!("cannot create {}", path.display()))?;
        let (written, counted) = (Duration::ZERO, Duration::ZERO);
        let mut recorder = Recorder { path, file, facts, written, counted };
        recorder.write(start.serialize_json())?;
        Ok(recorder)
    }

    /// Adds the figures of a campaign, at most once a second.
    pub(crate) fn add(&mut self, snapshot: &Snapshot) -> Result<()> {
        if snapshot.elapsed < self.written + PACE {
            return Ok(());
        }
        self.written = snapshot.elapsed;
        self.write(Point::of(snapshot).serialize_json())?;
        if snapshot.elapsed >= self.counted + PACE_OF_COUNTS {
            self.counted = snapshot.elapsed;
            self.write(Counts::of(&self.facts, &snapshot.histogram).serialize_json())?;
        }
        Ok(())
    }

    /// Ends the history.
    pub(crate) fn end(mut self, snapshot: &Snapshot, end: &str) -> Result<()> {
        self.write(Counts::of(&self.facts, &snapshot.histogram).serialize_json())?;
        let last = Last { last: Point::of(snapshot), end: end.to_owned() };
        self.write(last.serialize_json())
    }

    /// Writes a line at once, so that at most the last line is incomplete.
    fn write(&mut self, mut line: String) -> Result<()> {
        line.push('\n');
        let written = self.file.write_all(line.as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// The folder of the histories of a checkout.
#[must_use]
pub fn folder(project: &Project) -> PathBuf {
    project.build().join("runs")
}

/// A recorded campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// What ran.
    pub start: Start,
    /// The figures, the earliest first. The last ones are those of the end, if the campaign ended.
    pub points: Vec<Point>,
    /// The operations and events; `None` if the campaign was too short.
    pub counts: Option<Counts>,
    /// How the campaign ended; `None` if it runs or was killed.
    pub end: Option<String>,
}

impl History {
    /// Reads a file; `None` if it has no history.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let start = Start::deserialize_json(lines.next()?).ok()?;
        let mut history = History { start, points: Vec::new(), counts: None, end: None };
        for line in lines {
            if let Ok(Last { last, end }) = Last::deserialize_json(line) {
                history.points.push(last);
                history.end = Some(end);
            } else if let Ok(point) = Point::deserialize_json(line) {
                history.points.push(point);
            } else if let Ok(counts) = Counts::deserialize_json(line) {
                history.counts = Some(counts);
            }
        }
        Some(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::counters::Figures;
    use downbeat_protocol::{Elsewhere, Encoding};

    fn start() -> Start {
        let (target, driver) = ("tree".to_owned(), "seeded".to_owned());
        Start { target, driver, seed: 1, jobs: 2, at: 0, buckets: 9 }
    }

    fn snapshot(milliseconds: u64) -> Snapshot {
        let figures = Figures { executions: milliseconds, steps: 7, ..Figures::ZERO };
        let (edges, features, corpus) = (Some(3), None, None);
        let (elapsed, time) = (Duration::from_millis(milliseconds), Duration::from_secs(9));
        let mut histogram = Histogram::ZERO;
        (histogram.kinds[1], histogram.events[0]) = (milliseconds, 4);
        let states = 9;
        Snapshot {
            target: "tree",
            elapsed,
            time,
            figures,
            histogram,
            states,
            edges,
            features,
            corpus,
        }
    }

    fn facts() -> Facts {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Facts {
            kinds: names(&["put", "get"]),
            events: names(&["torn", "split"]),
            faults: names(&["torn"]),
            states: Vec::new(),
            elsewhere: Elsewhere::NOTHING,
            overflow_checks: true,
            encoding: Encoding::FIRST,
        }
    }

    #[test]
    fn a_history_has_a_line_for_each_second_and_one_for_the_end() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(root.path());
        let mut recorder = Recorder::begin(&project, start(), facts()).expect("a file");
        for milliseconds in [500, 1000, 1500, 1900, 2100] {
            recorder.add(&snapshot(milliseconds)).expect("written");
        }
        recorder.end(&snapshot(2500), "ok").expect("written");
        let files: Vec<_> = folder(&project).read_dir().expect("a folder").collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        let path = file.as_ref().expect("an entry").path();
        let history = History::read(&path).expect("readable").expect("a history");
        assert_eq!(Start { at: 0, ..history.start }, start());
        let executions: Vec<u64> = history.points.iter().map(|point| point.executions).collect();
        assert_eq!(executions, [1000, 2100, 2500]);
        assert_eq!(history.end.as_deref(), Some("ok"));
        let counts = history.counts.expect("counts");
        let named = |name: &str, count| (name.to_owned(), count);
        assert_eq!(counts.operations, [named("put", 0), named("get", 2500)]);
        assert_eq!(counts.faults, [named("torn", 4)]);
        assert_eq!(counts.events, [named("split", 0)]);
        assert_eq!((history.points[2].edges, history.points[2].corpus), (Some(3), None));
    }

    #[test]
    fn an_incomplete_line_is_left_out_and_a_file_without_a_start_has_no_history() {
        let point = Point::of(&snapshot(1000)).serialize_json();
        let text = format!("{}\n{point}\n{}", start().serialize_json(), &point[..20]);
        let history = History::parse(&text).expect("a history");
        assert_eq!((history.points.len(), history.end), (1, None));
        assert_eq!(History::parse(""), None);
        assert_eq!(History::parse("{\"target\":\"tree\"}\n"), None);
    }
}
