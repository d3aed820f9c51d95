//! The searches for planted bugs, and the results of each patch and driver.
//!
//! A search with a stored outcome is not repeated, unless [`Plan::fresh`] is set. The key of an
//! outcome is a hash of the patch, the sources on which the outcome depends, the driver, the seed
//! and the limit, so a search is repeated after any of them has changed.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::checkout::{self, Checkout, Verdict};
use super::outcome::{Found, Outcome};
use super::patch::Patch;
use super::results::Results;
use super::trial::Trial;
use crate::driver::{Driver, LIBFUZZER};

/// Searches for planted bugs.
pub struct Plan<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The bugs.
    pub patches: &'a [Patch],
    /// The drivers. Each of them searches for every bug.
    pub drivers: &'a [&'static dyn Driver],
    /// The number of seeds of each driver. Seeds start at 1.
    pub seeds: u64,
    /// The CPU time of a search. If `None`, the limit in the header of each patch applies.
    pub limit: Option<Duration>,
    /// Whether stored outcomes are ignored.
    pub fresh: bool,
}

/// Receives the progress and the results of a plan. An error from any method ends the plan.
#[expect(clippy::missing_errors_doc, reason = "the trait's documentation covers all methods")]
pub trait Watcher {
    /// A piece of work begins. `what` describes it in one line.
    fn doing(&mut self, what: &str) -> io::Result<()>;

    /// All searches of a driver for a bug have ended.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// A patch was checked.
    fn verdict(&mut self, patch: &Patch, verdict: &Verdict) -> io::Result<()>;
}

/// The outcomes of a driver for a bug: one for each seed, starting at seed 1.
#[derive(Clone)]
pub struct Row<'a> {
    /// The bug.
    pub patch: &'a Patch,
    /// The driver.
    pub driver: &'static dyn Driver,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
}

/// A copy of the sources in which bugs are planted and searched for.
trait Ground {
    /// Removes planted bugs. Returns a hash of the sources on which the outcome of a search
    /// depends.
    fn clear(&mut self) -> Result<u128>;

    /// Plants a bug. Returns `None` if interrupted.
    fn plant(&mut self, patch: &Patch) -> Result<Option<()>>;

    /// Searches for the planted bug. Returns `None` if interrupted.
    fn search(&mut self, trial: &Trial) -> Result<Option<Outcome>>;
}

impl Plan<'_> {
    /// Runs every search that has no stored outcome. Returns the rows, or `None` if interrupted.
    /// Each outcome is stored as soon as it is known.
    ///
    /// # Errors
    ///
    /// Returns an error if a patch does not apply, the suite does not build with it, a search
    /// writes no outcome, a folder cannot be written, or the watcher fails.
    pub fn run(
        &self,
        watcher: &mut dyn Watcher,
        stop: &AtomicBool,
    ) -> Result<Option<Vec<Row<'_>>>> {
        let checkout = Checkout::open(self.project)?;
        let results = checkout::folder(self.project).join("results");
        self.run_on(&mut CopyGround { checkout, stop }, &mut Results::open(&results)?, watcher)
    }

    fn run_on(
        &self,
        ground: &mut dyn Ground,
        results: &mut Results,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Vec<Row<'_>>>> {
        let mut rows = Vec::new();
        for patch in self.patches {
            let mut plot = Plot { patch, sources: ground.clear()?, is_planted: false };
            for driver in self.drivers {
                let mut outcomes = Vec::new();
                for seed in 1..=self.seeds {
                    let (target, limit) = (patch.target, self.limit.unwrap_or(patch.cpu_time));
                    let trial = Trial { target, driver: *driver, seed, limit };
                    let outcome = self.outcome(&mut plot, &trial, ground, results, watcher)?;
                    let Some(outcome) = outcome else { return Ok(None) };
                    outcomes.push(outcome);
                }
                let row = Row { patch, driver: *driver, outcomes };
                watcher.row(&row)?;
                rows.push(row);
            }
        }
        ground.clear()?;
        Ok(Some(rows))
    }

    /// Returns the stored outcome of a search, or runs the search. Returns `None` if interrupted.
    fn outcome(
        &self,
        plot: &mut Plot<'_>,
        trial: &Trial,
        ground: &mut dyn Ground,
        results: &mut Results,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Outcome>> {
        let key = plot.key(trial);
        if let Some(outcome) = results.get(&key).filter(|_| !self.fresh) {
            return Ok(Some(outcome.clone()));
        }
        let (patch, driver, seed) = (plot.patch.name(), trial.driver.name(), trial.seed);
        if !plot.is_planted {
            watcher.doing(&format!("building with {patch}"))?;
            if ground.plant(plot.patch)?.is_none() {
                return Ok(None);
            }
            plot.is_planted = true;
        }
        watcher.doing(&format!("{driver} searches for {patch}, seed {seed}"))?;
        let outcome = ground.search(trial).with_context(|| format!("{patch}, seed {seed}"))?;
        if let Some(outcome) = outcome.clone() {
            results.put(key, patch, driver, seed, outcome)?;
        }
        Ok(outcome)
    }
}

/// A bug and whether it is planted.
struct Plot<'a> {
    patch: &'a Patch,
    sources: u128,
    is_planted: bool,
}

impl Plot<'_> {
    /// The key of an outcome: a hash of everything that the outcome depends on.
    fn key(&self, trial: &Trial) -> String {
        let Trial { target, driver, seed, limit } = trial;
        let search = format!(
            "{} {} {seed} {} {:x} {}",
            target.name,
            driver.name(),
            limit.as_millis(),
            self.sources,
            self.patch.text
        );
        format!("{:032x}", XxHash3_128::oneshot(search.as_bytes()))
    }
}

/// The copy of the checkout as a ground.
struct CopyGround<'a> {
    checkout: Checkout<'a>,
    stop: &'a AtomicBool,
}

impl Ground for CopyGround<'_> {
    fn clear(&mut self) -> Result<u128> {
        self.checkout.refresh()
    }

    fn plant(&mut self, patch: &Patch) -> Result<Option<()>> {
        if let Err(why) = self.checkout.apply(patch)? {
            bail!("{} does not apply: {why}", patch.name());
        }
        Ok((!self.stop.load(Ordering::Relaxed)).then_some(()))
    }

    fn search(&mut self, trial: &Trial) -> Result<Option<Outcome>> {
        trial.run(&self.checkout, self.stop)
    }
}

/// Checks that every patch applies and that the core compiles with it. Returns whether all patches
/// are good, or `None` if interrupted.
///
/// # Errors
///
/// Returns an error if a folder cannot be written, git or cargo cannot be started, or the watcher
/// fails.
pub fn check(
    project: &Project,
    patches: &[Patch],
    watcher: &mut dyn Watcher,
    stop: &AtomicBool,
) -> Result<Option<bool>> {
    let checkout = Checkout::open(project)?;
    let mut good = true;
    for batch in batches(patches) {
        watcher.doing(&format!("compiling the core with {} of the bugs", batch.len()))?;
        let verdicts = match checkout.check(&batch, stop) {
            Err(_) if stop.load(Ordering::Relaxed) => return Ok(None),
            verdicts => verdicts?,
        };
        for (patch, verdict) in batch.iter().zip(&verdicts) {
            good &= *verdict == Verdict::Good;
            watcher.verdict(patch, verdict)?;
        }
    }
    Ok(Some(good))
}

/// Groups patches into batches. No two patches of a batch change the same file.
fn batches(patches: &[Patch]) -> Vec<Vec<&Patch>> {
    let mut batches: Vec<Vec<&Patch>> = Vec::new();
    for patch in patches {
        let fits = |batch: &&mut Vec<&Patch>| {
            let mut taken = batch.iter().flat_map(|other| other.files());
            taken.all(|file| patch.files().all(|own| own != file))
        };
        match batches.iter_mut().find(fits) {
            Some(batch) => batch.push(patch),
            None => batches.push(vec![patch]),
        }
    }
    batches
}

impl Row<'_> {
    /// The number of searches with a finding.
    #[must_use]
    pub fn found(&self) -> usize {
        self.findings().count()
    }

    /// CPU seconds until the finding: the median of the searches with a finding; `None` if there
    /// are none.
    #[must_use]
    pub fn cpu_seconds(&self) -> Option<f64> {
        self.median(|outcome| outcome.cpu_seconds)
    }

    /// Executions until the finding: the median of the searches with a finding; `None` if there are
    /// none.
    #[must_use]
    pub fn executions(&self) -> Option<u64> {
        self.median(|outcome| outcome.executions)
    }

    /// Operations of the shrunk input: the maximum of the searches with a finding; `None` if there
    /// are none.
    #[must_use]
    pub fn operations(&self) -> Option<usize> {
        self.findings().map(|(_, found)| found.operations).max()
    }

    /// The faults of the row, one line each.
    ///
    /// libFuzzer must find the bug in every search, and its shrunk input may have at most
    /// [`Patch::operations_max`] operations. A finding of any driver must come from a check that
    /// the patch expects. It is not a fault if another driver does not find the bug.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let Row { patch, driver, outcomes } = self;
        let must_find = driver.name() == LIBFUZZER.name();
        let mut faults = Vec::new();
        for (seed, outcome) in (1..).zip(outcomes) {
            let mut fault = |what: String| {
                faults.push(format!("{}: {}, seed {seed}: {what}", patch.name(), driver.name()));
            };
            let Outcome { cpu_seconds, executions, found } = outcome;
            match found {
                None if must_find => {
                    fault(format!("not found in {cpu_seconds:.0} CPU s, {executions} executions"));
                }
                None => {}
                Some(Found { check, .. }) if !patch.expects(check) => {
                    fault(format!("found by {check}, which the patch does not expect"));
                }
                Some(Found { operations, .. })
                    if must_find && *operations > patch.operations_max =>
                {
                    fault(format!("{operations} ops left, {} at most", patch.operations_max));
                }
                Some(_) => {}
            }
        }
        faults
    }

    fn findings(&self) -> impl Iterator<Item = (&Outcome, &Found)> {
        self.outcomes.iter().filter_map(|outcome| Some((outcome, outcome.found.as_ref()?)))
    }

    /// The median of a figure of the searches with a finding. If the number of these searches is
    /// even, the lower of the two middle values.
    fn median<T: PartialOrd + Copy>(&self, figure: impl Fn(&Outcome) -> T) -> Option<T> {
        let mut figures: Vec<T> = self.findings().map(|(outcome, _)| figure(outcome)).collect();
        figures.sort_by(|a, b| a.partial_cmp(b).expect("figures are numbers"));
        figures.get(figures.len().saturating_sub(1) / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::driver::SEEDED;

    /// A ground in which each search finds the bug. The search with number `n`, counted from 1,
    /// takes `n` executions.
    #[derive(Default)]
    struct Counting {
        sources: u128,
        planted: Vec<String>,
        searches: u64,
        /// The number of searches after which the plan is interrupted.
        until: Option<u64>,
        /// The limit of the last search, in CPU seconds.
        limit: u64,
    }

    impl Ground for Counting {
        fn clear(&mut self) -> Result<u128> {
            Ok(self.sources)
        }

        fn plant(&mut self, patch: &Patch) -> Result<Option<()>> {
            self.planted.push(patch.slug.clone());
            Ok(Some(()))
        }

        fn search(&mut self, trial: &Trial) -> Result<Option<Outcome>> {
            self.limit = trial.limit.as_secs();
            if self.until == Some(self.searches) {
                return Ok(None);
            }
            self.searches += 1;
            Ok(Some(outcome(self.searches, Some(("cache_map/expected", 3)))))
        }
    }

    /// A watcher that counts rows.
    struct Silent(usize);

    impl Watcher for Silent {
        fn doing(&mut self, _what: &str) -> io::Result<()> {
            Ok(())
        }

        fn row(&mut self, _row: &Row<'_>) -> io::Result<()> {
            self.0 += 1;
            Ok(())
        }

        fn verdict(&mut self, _patch: &Patch, _verdict: &Verdict) -> io::Result<()> {
            Ok(())
        }
    }

    fn outcome(executions: u64, found: Option<(&str, usize)>) -> Outcome {
        let found = found.map(|(check, operations)| Found { check: check.to_owned(), operations });
        Outcome { cpu_seconds: executions as f64 / 10.0, executions, found }
    }

    fn patch(slug: &str, line: &str) -> Patch {
        patch_of("a", slug, line)
    }

    fn patch_of(file: &str, slug: &str, line: &str) -> Patch {
        let path = format!("fuzz/planted/cache_map/{slug}.patch");
        let text = format!(
            "# {path}\n# what w\n# seen shape: s\n# target cache_map\n\
             # expect check cache_map/expected\n# difficulty e\n\
             --- a/lsm/src/{file}.rs\n+++ b/lsm/src/{file}.rs\n@@ -1 +1 @@\n-a\n+{line}\n"
        );
        Patch::parse(Path::new(&path), &text).expect("well-formed")
    }

    #[test]
    fn patches_that_are_compiled_together_change_different_files() {
        let patches = [
            ("a", "one"),
            ("a", "two"),
            ("b", "three"),
            ("c", "four"),
            ("b", "five"),
            ("b", "six"),
        ]
        .map(|(file, slug)| patch_of(file, slug, "b"));
        let slugs: Vec<Vec<&str>> = batches(&patches)
            .iter()
            .map(|batch| batch.iter().map(|patch| &*patch.slug).collect())
            .collect();
        assert_eq!(slugs, [vec!["one", "three", "four"], vec!["two", "five"], vec!["six"]]);
        assert!(batches(&[]).is_empty());
    }

    struct Bench {
        folder: tempfile::TempDir,
        ground: Counting,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            Bench { folder, ground: Counting::default() }
        }

        /// Runs a plan of two drivers and three seeds, as a new process would. Returns the number
        /// of searches and the number of rows.
        fn run(
            &mut self,
            patches: &[Patch],
            limit: impl Into<Option<u64>>,
            fresh: bool,
        ) -> (u64, usize) {
            let project = Project::at(self.folder.path());
            let drivers = [LIBFUZZER, SEEDED];
            let limit = limit.into().map(Duration::from_secs);
            let plan =
                Plan { project: &project, patches, drivers: &drivers, seeds: 3, limit, fresh };
            let mut results =
                Results::open(&self.folder.path().join("results")).expect("it is made");
            let before = self.ground.searches;
            let mut watcher = Silent(0);
            plan.run_on(&mut self.ground, &mut results, &mut watcher).expect("nothing fails");
            (self.ground.searches - before, watcher.0)
        }
    }

    #[test]
    fn a_search_is_repeated_only_if_its_patch_limit_or_sources_changed() {
        let mut bench = Bench::new();
        let patches = [patch("one", "b"), patch("two", "b")];
        assert_eq!(bench.run(&patches, 60, false), (12, 4));
        bench.ground.planted.clear();
        assert_eq!(bench.run(&patches, 60, false), (0, 4));
        assert!(bench.ground.planted.is_empty(), "nothing is built without a search");
        let changed = [patch("one", "b"), patch("two", "c")];
        assert_eq!(bench.run(&changed, 60, false), (6, 4));
        assert_eq!(bench.ground.planted, ["two"]);
        assert_eq!(bench.run(&patches, 61, false), (12, 4), "another limit");
        bench.ground.sources = 1;
        assert_eq!(bench.run(&patches, 60, false), (12, 4), "other sources");
        assert_eq!(bench.run(&patches, 60, true), (12, 4), "afresh");
        assert_eq!(bench.run(&patches, 60, false), (0, 4));
    }

    #[test]
    fn a_search_without_a_limit_has_the_time_limit_of_its_patch() {
        let mut bench = Bench::new();
        let mut slow = patch("one", "b");
        slow.cpu_time = Duration::from_secs(100);
        let patches = [slow];
        bench.run(&patches, None, false);
        assert_eq!(bench.ground.limit, 100);
        bench.run(&patches, 7, false);
        assert_eq!(bench.ground.limit, 7);
    }

    #[test]
    fn an_interrupted_plan_continues_where_it_ended() {
        let mut bench = Bench::new();
        let patches = [patch("one", "b"), patch("two", "b")];
        bench.ground.until = Some(5);
        assert_eq!(bench.run(&patches, 60, false), (5, 1));
        bench.ground.until = None;
        assert_eq!(bench.run(&patches, 60, false), (7, 4));
    }

    fn row<'a>(patch: &'a Patch, driver: &'static dyn Driver, outcomes: Vec<Outcome>) -> Row<'a> {
        Row { patch, driver, outcomes }
    }

    #[test]
    fn a_row_has_the_medians_of_its_findings_and_the_most_operations() {
        let patch = patch("one", "b");
        let found =
            |executions, operations| outcome(executions, Some(("cache_map/expected", operations)));
        let row_of = |outcomes| row(&patch, LIBFUZZER, outcomes);
        let all = row_of(vec![found(30, 2), found(10, 7), found(20, 3)]);
        assert_eq!((all.found(), all.executions(), all.cpu_seconds()), (3, Some(20), Some(2.0)));
        assert_eq!(all.operations(), Some(7));
        let some = row_of(vec![found(30, 2), outcome(999, None), found(20, 3)]);
        assert_eq!((some.found(), some.executions()), (2, Some(20)));
        let none = row_of(vec![outcome(999, None)]);
        assert_eq!((none.found(), none.executions(), none.operations()), (0, None, None));
    }

    #[test]
    fn libfuzzer_must_find_a_bug_and_every_driver_with_an_expected_check() {
        let patch = patch("one", "b");
        let faults = |driver, found| row(&patch, driver, vec![outcome(10, found)]).faults();
        let expected = Some(("cache_map/expected", 12));
        assert!(faults(LIBFUZZER, expected).is_empty());
        assert_eq!(
            faults(LIBFUZZER, None),
            ["cache_map/one: libfuzzer, seed 1: not found in 1 CPU s, 10 executions"]
        );
        assert!(faults(SEEDED, None).is_empty());
        assert_eq!(
            faults(SEEDED, Some(("cache_map/other", 3))),
            [
                "cache_map/one: seeded, seed 1: found by cache_map/other, which the patch does not expect"
            ]
        );
        assert_eq!(
            faults(LIBFUZZER, Some(("cache_map/expected", 13))),
            ["cache_map/one: libfuzzer, seed 1: 13 ops left, 12 at most"]
        );
        assert!(faults(SEEDED, Some(("cache_map/expected", 13))).is_empty());
    }
}
