//! Runs of all engines in turn, each in a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Shape;
use crate::engines::Name;
use crate::phases::{Figure, Load, Sizes};

/// What runs.
pub(crate) struct Rounds<'a> {
    pub(crate) shape: Shape,
    pub(crate) sizes: Sizes,
    pub(crate) engines: &'a [Name],
    pub(crate) directory: &'a Path,
}

/// The medians of the figures of each engine.
pub(crate) type Figures = BTreeMap<(Name, Figure), f64>;

impl Rounds<'_> {
    pub(crate) fn run(&self, rounds: u64) -> Result<Figures> {
        let mut all: BTreeMap<(Name, Figure), Vec<f64>> = BTreeMap::new();
        for round in 1..=rounds {
            for engine in self.engines {
                for load in Load::ALL {
                    eprintln!("peers: {}, {}, round {round}", engine.name(), load.name());
                    for (figure, value) in self.child(*engine, load)? {
                        all.entry((*engine, figure)).or_default().push(value);
                    }
                }
            }
        }
        let medians = all.into_iter().map(|(key, mut values)| {
            values.sort_by(f64::total_cmp);
            (key, values[values.len() / 2])
        });
        Ok(medians.collect())
    }

    fn child(&self, engine: Name, load: Load) -> Result<Vec<(Figure, f64)>> {
        let mut command =
            Command::new(std::env::current_exe().context("cannot find this program")?);
        command
            .args(["--records", &self.sizes.records.to_string()])
            .args(["--shape", self.shape.name(), "--engine", engine.name(), "--load", load.name()])
            .arg("--directory")
            .arg(self.directory)
            .stderr(Stdio::inherit());
        let output = command.output().context("cannot start this program again")?;
        ensure!(output.status.success(), "{} failed ({})", engine.name(), output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        let figures = text.lines().map(|line| {
            let (name, value) = line.split_once(' ').context("a run printed no figure")?;
            let row = Figure::ALL.iter().find(|(_, known, _)| *known == name);
            let (figure, ..) = row.with_context(|| format!("a run printed the figure {name}"))?;
            Ok((*figure, value.parse()?))
        });
        figures.collect()
    }
}
