//! The results of a bug and a searcher.

use super::outcome::{Found, Outcome};
use super::patch::Patch;
use super::searcher::Searcher;
use crate::driver::LIBFUZZER;

/// The outcomes of a searcher for a bug: one for each seed, starting at seed 1.
#[derive(Clone)]
pub struct Row<'a> {
    /// The bug.
    pub patch: &'a Patch,
    /// The searcher.
    pub searcher: &'a Searcher,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
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
    /// [`Patch::operations_max`] operations. [`Row::unexpected`] has the faults of all drivers. It is
    /// not a fault if another driver does not find the bug.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let Row { patch, searcher, outcomes } = self;
        let must_find = searcher.driver.name() == LIBFUZZER.name();
        let mut faults = Vec::new();
        for (seed, outcome) in (1..).zip(outcomes) {
            let mut fault = |what: String| {
                faults.push(format!("{}: {searcher}, seed {seed}: {what}", patch.name()));
            };
            let Outcome { cpu_seconds, executions, found } = outcome;
            match found {
                None if must_find => {
                    fault(format!("not found in {cpu_seconds:.0} CPU s, {executions} executions"));
                }
                None => {}
                Some(Found { check, .. }) if !patch.expects(check) => {}
                Some(Found { operations, .. })
                    if must_find && *operations > patch.operations_max =>
                {
                    fault(format!("{operations} ops left, {} at most", patch.operations_max));
                }
                Some(_) => {}
            }
        }
        faults.extend(self.unexpected());
        faults
    }

    /// The findings of checks that the patch does not expect, one line each. The driver then found
    /// another bug, or the header is wrong.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        let Row { patch, searcher, outcomes } = self;
        let mut faults = Vec::new();
        for (seed, outcome) in (1..).zip(outcomes) {
            let found = outcome.found.as_ref().filter(|found| !patch.expects(&found.check));
            faults.extend(found.map(|Found { check, .. }| {
                format!(
                    "{}: {searcher}, seed {seed}: found by {check}, which the patch does not expect",
                    patch.name()
                )
            }));
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
    use super::super::fixture::{outcome, patch};
    use super::*;
    use crate::driver::{Driver, SEEDED};

    #[test]
    fn a_row_has_the_medians_of_its_findings_and_the_most_operations() {
        let patch = patch("one", "b");
        let found =
            |executions, operations| outcome(executions, Some(("cache_map/expected", operations)));
        let searcher = Searcher::plain(LIBFUZZER);
        let row_of = |outcomes| Row { patch: &patch, searcher: &searcher, outcomes };
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
        let faults = |driver: &'static dyn Driver, found| {
            let searcher = Searcher::plain(driver);
            let outcomes = vec![outcome(10, found)];
            Row { patch: &patch, searcher: &searcher, outcomes }.faults()
        };
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
