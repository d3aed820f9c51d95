//! The searches for planted bugs.
//!
//! A search with a stored outcome is not repeated, unless [`Plan::fresh`] is set. The key of an
//! outcome is a hash of the patch, the sources on which the outcome depends, the searcher, the seed
//! and the limit, so a search is repeated after any of them has changed.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::checkout::{self, Checkout};
use super::ground::{CopyGround, Ground};
use super::outcome::Outcome;
use super::patch::Patch;
use super::results::{self, Results};
use super::row::Row;
use super::searcher::{Origin, Searcher};
use super::trial::Trial;
use super::watcher::Watcher;

/// Searches for planted bugs.
pub struct Plan<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The bugs.
    pub patches: &'a [Patch],
    /// The searchers. Each of them searches for every bug.
    pub searchers: &'a [Searcher],
    /// The number of seeds of each searcher. Seeds start at 1.
    pub seeds: u64,
    /// The CPU time of a search. If `None`, the limit in the header of each patch applies.
    pub limit: Option<Duration>,
    /// Whether stored outcomes are ignored.
    pub fresh: bool,
}

/// The rows of a plan.
pub struct Ran<'a> {
    /// The rows, by bug. A bug for which a search is missing has none.
    pub rows: Vec<Row<'a>>,
    /// Whether all bugs have rows. If not, the plan was interrupted.
    pub is_complete: bool,
}

impl Plan<'_> {
    /// Runs every search that has no stored outcome. Each outcome is stored as soon as it is known.
    ///
    /// # Errors
    ///
    /// Returns an error if a patch does not apply, the suite does not build with it, a search
    /// writes no outcome, a folder cannot be written, or the watcher fails.
    pub fn run(&self, watcher: &mut dyn Watcher, stop: &AtomicBool) -> Result<Ran<'_>> {
        let checkout = Checkout::open(self.project)?;
        let results = checkout::folder(self.project).join(results::FILE);
        self.run_on(&mut CopyGround { checkout, stop }, &mut Results::open(&results)?, watcher)
    }

    fn run_on(
        &self,
        ground: &mut dyn Ground,
        results: &mut Results,
        watcher: &mut dyn Watcher,
    ) -> Result<Ran<'_>> {
        let mut rows = Vec::new();
        for patch in self.patches {
            let before = rows.len();
            let mut plot = Plot { patch, sources: ground.clear()?, is_planted: false };
            for searcher in self.searchers {
                let mut outcomes = Vec::new();
                for seed in 1..=self.seeds {
                    let (target, limit) = (patch.target, self.limit.unwrap_or(patch.cpu_time));
                    let trial = Trial { target, searcher, seed, limit };
                    let outcome = self.outcome(&mut plot, &trial, ground, results, watcher)?;
                    let Some(outcome) = outcome else {
                        rows.truncate(before);
                        return Ok(Ran { rows, is_complete: false });
                    };
                    outcomes.push(outcome);
                }
                let row = Row { patch, searcher, outcomes };
                watcher.row(&row)?;
                rows.push(row);
            }
        }
        ground.clear()?;
        Ok(Ran { rows, is_complete: true })
    }

    /// Returns the stored outcome of a search, or runs the search. Returns `None` if interrupted.
    fn outcome(
        &self,
        plot: &mut Plot<'_>,
        trial: &Trial<'_>,
        ground: &mut dyn Ground,
        results: &mut Results,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Outcome>> {
        let key = plot.key(trial, ground)?;
        if let Some(outcome) = results.get(&key).filter(|_| !self.fresh) {
            return Ok(Some(outcome.clone()));
        }
        let (patch, searcher, seed) = (plot.patch.name(), trial.searcher.to_string(), trial.seed);
        if !plot.is_planted {
            watcher.doing(&format!("building with {patch}"))?;
            if ground.plant(plot.patch)?.is_none() {
                return Ok(None);
            }
            plot.is_planted = true;
        }
        watcher.doing(&format!("{searcher} searches for {patch}, seed {seed}"))?;
        let reason = || format!("{patch}, seed {seed}");
        let mut outcome = ground.search(trial).with_context(reason)?;
        let found = outcome.as_mut().and_then(|outcome| outcome.found.as_mut());
        if let Some(found) = found.filter(|found| !plot.patch.expects(&found.check)) {
            watcher.doing(&format!("replaying the finding without {patch}"))?;
            plot.is_planted = false;
            found.fails_without_patch = ground.fails_without_bug(trial).with_context(reason)?;
            if found.fails_without_patch.is_none() {
                return Ok(None);
            }
        }
        if let Some(outcome) = outcome.clone() {
            results.put(key, patch, &searcher, seed, outcome)?;
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
    fn key(&self, trial: &Trial<'_>, ground: &mut dyn Ground) -> Result<String> {
        let Trial { target, searcher, seed, limit } = trial;
        let inputs = match searcher.origin {
            Origin::Empty => String::new(),
            Origin::Corpus => format!(" {:x}", ground.corpus(target)?),
        };
        let search = format!(
            "{} {searcher}{inputs} {seed} {} {:x} {}",
            target.name,
            limit.as_millis(),
            self.sources,
            self.patch.text
        );
        Ok(format!("{:032x}", XxHash3_128::oneshot(search.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use downbeat_protocol::Listing;

    use super::super::checkout::Verdict;
    use super::super::fixture::{outcome, patch};
    use super::*;
    use crate::driver::{LIBFUZZER, SEEDED};

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
        corpus: u128,
        /// Whether findings fail without the bug. If it is `Some`, the patch does not expect their
        /// check.
        is_other: Option<bool>,
    }

    impl Ground for Counting {
        fn clear(&mut self) -> Result<u128> {
            Ok(self.sources)
        }

        fn plant(&mut self, patch: &Patch) -> Result<Option<()>> {
            self.planted.push(patch.slug.clone());
            Ok(Some(()))
        }

        fn corpus(&mut self, _target: &Listing) -> Result<u128> {
            Ok(self.corpus)
        }

        fn search(&mut self, trial: &Trial<'_>) -> Result<Option<Outcome>> {
            self.limit = trial.limit.as_secs();
            if self.until == Some(self.searches) {
                return Ok(None);
            }
            self.searches += 1;
            let check =
                if self.is_other.is_some() { "cache_map/other" } else { "cache_map/expected" };
            Ok(Some(outcome(self.searches, Some((check, 3)))))
        }

        fn fails_without_bug(&mut self, _trial: &Trial<'_>) -> Result<Option<bool>> {
            Ok(self.is_other)
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
            let searchers = [LIBFUZZER, SEEDED].map(Searcher::plain);
            self.run_with(&searchers, patches, limit, fresh)
        }

        fn run_with(
            &mut self,
            searchers: &[Searcher],
            patches: &[Patch],
            limit: impl Into<Option<u64>>,
            fresh: bool,
        ) -> (u64, usize) {
            let project = Project::at(self.folder.path());
            let limit = limit.into().map(Duration::from_secs);
            let plan = Plan { project: &project, patches, searchers, seeds: 3, limit, fresh };
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
    fn a_search_is_repeated_after_a_change_of_options_or_of_the_corpus_that_it_starts_with() {
        let mut bench = Bench::new();
        let patches = [patch("one", "b")];
        let plain = Searcher::plain(LIBFUZZER);
        let with_option = Searcher { options: vec!["-entropic=1".to_owned()], ..plain.clone() };
        let with_corpus = Searcher { origin: Origin::Corpus, ..plain.clone() };
        let all = [plain, with_option, with_corpus];
        assert_eq!(bench.run_with(&all, &patches, 60, false), (9, 3));
        assert_eq!(bench.run_with(&all, &patches, 60, false), (0, 3));
        bench.ground.corpus = 1;
        assert_eq!(bench.run_with(&all, &patches, 60, false), (3, 3), "another corpus");
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
    fn a_finding_of_an_unexpected_check_is_run_without_the_bug_which_is_then_planted_again() {
        let mut bench = Bench::new();
        let patches = [patch("one", "b")];
        bench.ground.is_other = Some(false);
        assert_eq!(bench.run_with(&[Searcher::plain(SEEDED)], &patches, 60, false), (3, 1));
        assert_eq!(bench.ground.planted, ["one"; 3]);
        bench.ground.is_other = None;
        assert_eq!(bench.run_with(&[Searcher::plain(LIBFUZZER)], &patches, 60, false), (3, 1));
        assert_eq!(bench.ground.planted, ["one"; 4]);
        let stored = results::stored(&bench.folder.path().join("results")).expect("it is there");
        let measured = stored.iter().filter(|stored| {
            stored
                .outcome
                .found
                .as_ref()
                .is_some_and(|found| found.fails_without_patch == Some(false))
        });
        assert_eq!(measured.count(), 3);
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
}
