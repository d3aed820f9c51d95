//! Which searches there are, in which order; what a patch and a driver came to together.
//!
//! Invariants: a search whose outcome is stored is not run again, unless it is asked for afresh; the
//! patch, all sources that decide, driver, seed and limit make the key, so what changed is.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::checkout::{self, Checkout, Verdict};
use super::outcome::{Found, Outcome};
use super::patch::Patch;
use super::results::{Line, Results};
use super::trial::Trial;
use crate::driver::{Driver, LIBFUZZER};

/// Searches for planted bugs.
pub struct Plan<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The bugs.
    pub patches: &'a [Patch],
    /// The drivers, each of which searches for every bug.
    pub drivers: &'a [&'static dyn Driver],
    /// Seeds of each driver: 1 to this.
    pub seeds: u64,
    /// CPU time for a search; what the header of each patch says, if there is none.
    pub limit: Option<Duration>,
    /// Whether outcomes of earlier runs are forgotten.
    pub fresh: bool,
}

/// Told of what is done, and of what came of it. An error of any call ends the plan.
#[expect(clippy::missing_errors_doc, reason = "the trait says it for all")]
pub trait Watcher {
    /// Something that takes time begins. `what` says what, in a line.
    fn doing(&mut self, what: &str) -> io::Result<()>;

    /// All searches of a driver for a bug have ended.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// A patch was checked, without a search.
    fn verdict(&mut self, patch: &Patch, verdict: &Verdict) -> io::Result<()>;
}

/// What a driver came to with a bug: an outcome a seed, from seed 1 on.
#[derive(Clone)]
pub struct Row<'a> {
    /// The bug.
    pub patch: &'a Patch,
    /// The driver.
    pub driver: &'static dyn Driver,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
}

/// Where bugs are planted and searched for.
trait Ground {
    /// Takes every bug out. Returns a hash of what decides how a search ends.
    fn clear(&mut self) -> Result<u128>;

    /// Plants a bug. `None`: it was stopped.
    fn plant(&mut self, patch: &Patch) -> Result<Option<()>>;

    /// Searches for what was planted. `None`: it was stopped.
    fn search(&mut self, trial: &Trial) -> Result<Option<Outcome>>;
}

impl Plan<'_> {
    /// Runs every search, or takes its stored outcome. Returns the rows, or `None` if it was
    /// stopped before the last of them; what was searched by then is stored.
    ///
    /// # Errors
    ///
    /// A patch does not apply or the suite does not build with it; a driver came to no end; a
    /// folder cannot be written.
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

    /// The stored outcome of a search, or that of running it. `None`: it was stopped.
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
        watcher.doing(&format!("{driver} looks for {patch}, seed {seed}"))?;
        let outcome = ground.search(trial).with_context(|| format!("{patch}, seed {seed}"))?;
        if let Some(outcome) = outcome.clone() {
            results.put(&Line { key, patch, driver: driver.to_owned(), seed, outcome })?;
        }
        Ok(outcome)
    }
}

/// A bug, and where it would be planted.
struct Plot<'a> {
    patch: &'a Patch,
    sources: u128,
    is_planted: bool,
}

impl Plot<'_> {
    /// A name for all that decides an outcome.
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

/// The copy of the checkout.
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

/// Checks that every patch applies, and that the core compiles with it. Says whether all do, or `None`
/// if it was stopped.
///
/// # Errors
///
/// A folder cannot be written, or git or cargo cannot be started.
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

/// The patches in as few batches as their order allows, in none of which two change the same file.
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
    /// Searches that found something.
    #[must_use]
    pub fn found(&self) -> usize {
        self.findings().count()
    }

    /// CPU seconds until it was found: the median of the searches that found it.
    #[must_use]
    pub fn cpu_seconds(&self) -> Option<f64> {
        self.median(|outcome| outcome.cpu_seconds)
    }

    /// Executions until it was found: the median of the searches that found it.
    #[must_use]
    pub fn executions(&self) -> Option<u64> {
        self.median(|outcome| outcome.executions)
    }

    /// Operations of the shrunk input: the most of all searches.
    #[must_use]
    pub fn operations(&self) -> Option<usize> {
        self.findings().map(|(_, found)| found.operations).max()
    }

    /// What is wrong, a line each. A bug must be found by libFuzzer in every search, with few
    /// operations left; by every driver with a check that the patch names. How often others find it
    /// is a figure, no fault.
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

    /// Of an even number, the lower one of the middle.
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

    /// A ground in which every bug is found with the `n`-th search, after `n` executions.
    #[derive(Default)]
    struct Counting {
        sources: u128,
        planted: Vec<String>,
        searches: u64,
        /// Searches after which it is stopped.
        until: Option<u64>,
        /// CPU seconds that the last search had.
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

        /// Runs a plan of two drivers and three seeds, as a new process would. Says how many searches
        /// were run for it, and how many rows it came to.
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
    fn a_stored_outcome_is_not_searched_for_again_and_what_changed_is() {
        let mut bench = Bench::new();
        let patches = [patch("one", "b"), patch("two", "b")];
        assert_eq!(bench.run(&patches, 60, false), (12, 4));
        bench.ground.planted.clear();
        assert_eq!(bench.run(&patches, 60, false), (0, 4));
        assert!(bench.ground.planted.is_empty(), "nothing is built for nothing");
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
    fn a_search_without_a_limit_has_the_time_that_its_patch_says() {
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
    fn a_plan_that_was_stopped_goes_on_where_it_ended() {
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
    fn a_row_has_the_medians_of_what_was_found_and_the_most_operations() {
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
