//! The coverage report, by component. A component is a folder of the core's sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nanoserde::{DeJson, SerJson};

/// Coverage of the core.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The components, by folder. The files at the root are the component `lsm`.
    pub components: Vec<Component>,
    /// The sum of all components.
    pub total: Component,
    /// The regions that are not covered, sorted by file and line. Adjacent regions are one entry.
    pub uncovered: Vec<Uncovered>,
    /// The path of the first HTML page.
    pub html: PathBuf,
    /// The corpora and tests that failed, one line each.
    pub failing: Vec<String>,
}

/// The figures of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct Component {
    /// The folder, relative to the core's sources.
    pub name: String,
    /// Regions: pieces of code without a branch.
    pub regions: Count,
    /// Lines.
    pub lines: Count,
}

/// A number of regions or lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct Count {
    /// The number of all regions or lines.
    pub count: u64,
    /// The number of covered regions or lines.
    pub covered: u64,
}

/// Adjacent regions that are not covered, named by the start of the first one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncovered {
    /// The file, relative to the core's sources.
    pub file: PathBuf,
    /// The first line, counted from 1.
    pub line: usize,
    /// The first column, counted from 1.
    pub column: usize,
    /// The text of the first line, without the spaces around it.
    pub source: String,
}

impl Count {
    /// The covered share in per cent; 100 if there is nothing to cover.
    #[must_use]
    pub fn percent(&self) -> f64 {
        if self.count == 0 { 100.0 } else { 100.0 * self.covered as f64 / self.count as f64 }
    }

    fn add(&mut self, other: Count) {
        self.count += other.count;
        self.covered += other.covered;
    }
}

impl Component {
    fn add(&mut self, summary: &Summary) {
        self.regions.add(summary.regions);
        self.lines.add(summary.lines);
    }
}

/// The part of the output of `llvm-cov export` that the report uses.
#[derive(DeJson)]
struct Export {
    data: Vec<Data>,
}

#[derive(DeJson)]
struct Data {
    files: Vec<Covered>,
}

#[derive(DeJson)]
struct Covered {
    filename: String,
    segments: Vec<Segment>,
    summary: Summary,
}

#[derive(DeJson)]
struct Summary {
    lines: Count,
    regions: Count,
}

/// A segment: its line, its column, its count, whether it has a count, whether a region starts at
/// it, and whether it is a gap.
#[derive(DeJson)]
struct Segment(usize, usize, u64, bool, bool, bool);

impl Report {
    /// Parses the output of `llvm-cov export` for the files in `sources`.
    pub(super) fn read(exported: &str, sources: &Path) -> Result<Self> {
        let export =
            Export::deserialize_json(exported).context("cannot parse the output of llvm-cov")?;
        let mut report = Report::default();
        "total".clone_into(&mut report.total.name);
        let mut components: BTreeMap<String, Component> = BTreeMap::new();
        for file in export.data.iter().flat_map(|data| &data.files) {
            let path = Path::new(&file.filename);
            let path = path.strip_prefix(sources).unwrap_or(path);
            let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
            let name = if folder.is_empty() { "lsm".to_owned() } else { folder };
            let component = components.entry(name.clone()).or_default();
            component.name = name;
            component.add(&file.summary);
            report.total.add(&file.summary);
            report.uncovered.extend(uncovered(file, path)?);
        }
        report.components = components.into_values().collect();
        report.uncovered.sort();
        Ok(report)
    }
}

fn uncovered(file: &Covered, path: &Path) -> Result<Vec<Uncovered>> {
    let mut missed: Vec<&Segment> = Vec::new();
    // The last line at which an uncovered region still belongs to the current entry. Within a
    // function, macros leave gaps, after which the entry continues on the same or the next line.
    // Two functions have an empty line between them, so they are two entries.
    let mut row_to = 0;
    for segment @ Segment(line, _, count, has_count, starts, is_gap) in &file.segments {
        if *count > 0 {
            row_to = 0;
        } else if *line <= row_to {
            row_to = if *has_count { usize::MAX } else { line + 1 };
        } else if *has_count && *starts && !is_gap {
            missed.push(segment);
            row_to = usize::MAX;
        }
    }
    if missed.is_empty() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file.filename)
        .with_context(|| format!("cannot read {}", file.filename))?;
    let lines: Vec<&str> = text.lines().collect();
    let regions = missed.into_iter().map(|Segment(line, column, ..)| Uncovered {
        file: path.to_owned(),
        line: *line,
        column: *column,
        source: lines.get(line - 1).unwrap_or(&"").trim().to_owned(),
    });
    // The end of a function is not an entry of its own.
    Ok(regions.filter(|place| place.source != "}").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_add_up_to_components_and_uncovered_regions_are_listed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tree = folder.path().join("tree");
        std::fs::create_dir(&tree).expect("a folder");
        std::fs::write(tree.join("a.rs"), "fn a() {\n    unreached();\n}\n\nfn b() {}\n")
            .expect("a file");
        let summary = |covered: u64| {
            let count = format!("{{\"count\": 4, \"covered\": {covered}, \"percent\": 1}}");
            format!("{{\"lines\": {count}, \"regions\": {count}, \"functions\": {count}}}")
        };
        let file = |name: &str, segments: &str, covered: u64| {
            let path = folder.path().join(name);
            let summary = summary(covered);
            format!("{{\"filename\": {path:?}, \"segments\": {segments}, \"summary\": {summary}}}")
        };
        let files = [
            file("lib.rs", "[[1, 1, 3, true, true, false]]", 4),
            // Two adjacent regions, the end of a function, a covered region, a gap.
            file(
                "tree/a.rs",
                "[[2, 5, 0, true, true, false], [2, 9, 0, true, true, false], \
                 [3, 2, 0, false, false, false], [5, 1, 0, true, true, false], \
                 [6, 1, 1, true, true, false], [6, 2, 0, true, true, true]]",
                1,
            ),
            file("tree/b.rs", "[]", 3),
        ];
        let exported = format!("{{\"data\": [{{\"files\": [{}]}}]}}", files.join(", "));
        let report = Report::read(&exported, folder.path()).expect("well-formed");
        let figures: Vec<(&str, u64, u64)> = report
            .components
            .iter()
            .map(|c| (c.name.as_str(), c.regions.count, c.lines.covered))
            .collect();
        assert_eq!(figures, [("lsm", 4, 4), ("tree", 8, 4)]);
        assert_eq!((report.total.regions.count, report.total.regions.covered), (12, 8));
        let expected = Uncovered {
            file: PathBuf::from("tree/a.rs"),
            line: 2,
            column: 5,
            source: "unreached();".to_owned(),
        };
        assert_eq!(report.uncovered[0], expected);
        assert_eq!(report.uncovered[1].source, "fn b() {}");
        assert_eq!(report.uncovered.len(), 2);
        assert!((report.components[1].regions.percent() - 50.0).abs() < 1e-9);
    }
}
