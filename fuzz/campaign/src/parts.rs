//! What each part of a driver brings: campaigns with all parts, and without each of them.
//!
//! The campaigns begin from an empty corpus, and have the same CPU time and the same seeds. One
//! more begins from the committed corpus.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part};

use crate::build::Speed;
use crate::campaign::{Campaign, End, Options};
use crate::driver::Driver;
use crate::observer::Observer;
use crate::{encoding_of, inputs};

/// A campaign may take this many times its CPU time of wall time, because the machine may have
/// other work.
const PATIENCE: u32 = 20;

/// How a campaign differs from a plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// All parts, from an empty corpus.
    All,
    /// All parts but one.
    Without(Part),
    /// All parts, from the committed corpus.
    FromCorpus,
}

impl Variation {
    /// The variations of a driver. If `chosen` is not empty: only those with all parts, and without
    /// each of these.
    #[must_use]
    pub fn of(driver: &dyn Driver, chosen: &[Part]) -> Vec<Variation> {
        if !chosen.is_empty() {
            let without = chosen.iter().map(|part| Variation::Without(*part));
            return std::iter::once(Variation::All).chain(without).collect();
        }
        let without = driver.parts().iter().map(|part| Variation::Without(*part));
        let mut all = vec![Variation::All];
        all.extend(without);
        if driver.has_corpus() {
            all.push(Variation::FromCorpus);
        }
        all
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Variation::All => formatter.pad("all"),
            Variation::Without(part) => formatter.pad(&format!("without {}", part.name())),
            Variation::FromCorpus => formatter.pad("all, from the corpus"),
        }
    }
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The target.
    pub target: &'static Listing,
    /// The driver.
    pub driver: &'static dyn Driver,
    /// CPU time of a campaign.
    pub cpu: Duration,
    /// The number of campaigns of each variation, with seeds from 1.
    pub seeds: u64,
}

/// The figures of a variation: medians over its campaigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Executions.
    pub executions: u64,
    /// States that were reached.
    pub states: u64,
    /// Pairs that were combined; 0 for a driver without pairs.
    pub pairs: u64,
    /// Edges that were reached; 0 for a driver without coverage.
    pub edges: u64,
}

/// Runs the campaigns of a variation.
///
/// # Errors
///
/// Returns an error if the driver cannot be built or run, an input fails, or `stop` is set.
pub fn measure(
    project: &Project,
    measure: &Measure,
    variation: Variation,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Figures> {
    let Measure { target, driver, cpu, seeds } = *measure;
    let (mut executions, mut edges) = (Vec::new(), Vec::new());
    let (mut states, mut pairs) = (Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let corpus = scratch.path().join("corpus");
        let committed = project.corpus(target.name);
        std::fs::create_dir(&corpus).context("cannot make a temporary folder")?;
        if variation == Variation::FromCorpus && committed.is_dir() {
            encoding_of::copy_mark(&committed, &corpus)?;
            for file in inputs::files(&committed)? {
                let name = file.file_name().context("an input has no name")?;
                std::fs::copy(&file, corpus.join(name)).context("cannot copy an input")?;
            }
        }
        let without = match variation {
            Variation::Without(part) => vec![part],
            Variation::All | Variation::FromCorpus => Vec::new(),
        };
        let options = Options {
            driver,
            time: cpu * PATIENCE,
            cpu: Some(cpu),
            speed: Speed::Soon,
            jobs: 1,
            seed,
            corpus: driver.has_corpus().then_some(corpus),
            without,
            extra: Vec::new(),
            canary: false,
        };
        let campaign = Campaign { project, options, stop, wanted: None };
        let program = campaign.build(target, observer)?;
        let summary = campaign.run(&program, observer)?;
        match summary.end {
            End::Time => {}
            End::Interrupted => bail!("interrupted"),
            End::Died(why) => bail!("{why}"),
            End::Found(_) => bail!("{} has a finding; fix it first", target.name),
        }
        if stop.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        executions.push(summary.last.figures.executions);
        states.push(summary.last.figures.states.len() as u64);
        pairs.push(summary.last.figures.pairs);
        edges.push(summary.last.edges.unwrap_or(0));
    }
    Ok(Figures {
        executions: median(executions),
        states: median(states),
        pairs: median(pairs),
        edges: median(edges),
    })
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{LIBFUZZER, SEEDED};

    #[test]
    fn each_part_of_a_driver_is_left_out_once() {
        assert_eq!(Variation::of(SEEDED, &[]), [Variation::All]);
        let variations = Variation::of(LIBFUZZER, &[]);
        assert_eq!(variations.len(), Part::ALL.len() + 2);
        for part in Part::ALL {
            assert!(variations.contains(&Variation::Without(part)), "{part:?}");
            assert_eq!(Part::find(part.name()), Some(part));
        }
    }
}
