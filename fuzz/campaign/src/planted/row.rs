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
    /// [`Patch::operations_max`] operations. [`Row::others`] has the faults of all drivers. It is
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
                Some(found) if self.is_other(found) => {}
                Some(Found { operations, .. })
                    if must_find && *operations > patch.operations_max =>
                {
                    fault(format!("{operations} ops left, {} at most", patch.operations_max));
                }
                Some(_) => {}
            }
        }
        faults.extend(self.others());
        faults
    }

    /// The findings that are another bug, one line each: the patch does not expect the check, and
    /// the input also fails without the patch.
    #[must_use]
    pub fn others(&self) -> Vec<String> {
        self.unexpected(true, "which also fails without the patch: another bug")
    }

    /// The findings of the planted bug by checks that the patch does not expect, one line each. The
    /// patch's header can name the check.
    #[must_use]
    pub fn unnamed(&self) -> Vec<String> {
        self.unexpected(false, "which the patch does not name; the input passes without the patch")
    }

    /// The findings of checks that the patch does not expect. They are those of another bug, or
    /// those of the planted bug.
    fn unexpected(&self, is_other: bool, why: &str) -> Vec<String> {
        let Row { patch, searcher, outcomes } = self;
        let findings = (1..).zip(outcomes).filter_map(|(seed, outcome)| {
            let found = outcome.found.as_ref()?;
            let is_listed = !patch.expects(&found.check) && self.is_other(found) == is_other;
            is_listed.then_some((seed, &found.check))
        });
        let line = |(seed, check): (u64, &String)| {
            format!("{}: {searcher}, seed {seed}: found by {check}, {why}", patch.name())
        };
        findings.map(line).collect()
    }

    /// Whether the finding is another bug than the planted one.
    fn is_other(&self, found: &Found) -> bool {
        !self.patch.expects(&found.check) && found.fails_without_patch != Some(false)
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
    fn libfuzzer_must_find_a_bug_and_every_driver_no_other_bug() {
        let patch = patch("one", "b");
        let lines = |driver: &'static dyn Driver, found, fails_without_patch| {
            let searcher = Searcher::plain(driver);
            let mut outcome = outcome(10, found);
            if let Some(found) = &mut outcome.found {
                found.fails_without_patch = fails_without_patch;
            }
            let row = Row { patch: &patch, searcher: &searcher, outcomes: vec![outcome] };
            (row.faults(), row.unnamed())
        };
        let none: [String; 0] = [];
        let expected = Some(("cache_map/expected", 12));
        assert_eq!(lines(LIBFUZZER, expected, None).0, none);
        assert_eq!(
            lines(LIBFUZZER, None, None).0,
            ["cache_map/one: libfuzzer, seed 1: not found in 1 CPU s, 10 executions"]
        );
        assert_eq!(lines(SEEDED, None, None).0, none);
        let unnamed = Some(("cache_map/other", 3));
        assert_eq!(lines(SEEDED, unnamed, Some(false)).0, none);
        assert_eq!(
            lines(SEEDED, unnamed, Some(false)).1,
            [
                "cache_map/one: seeded, seed 1: found by cache_map/other, which the patch does not name; \
                 the input passes without the patch"
            ]
        );
        assert_eq!(lines(SEEDED, unnamed, Some(true)).1, none);
        assert_eq!(
            lines(SEEDED, unnamed, Some(true)).0,
            [
                "cache_map/one: seeded, seed 1: found by cache_map/other, which also fails without the \
                 patch: another bug"
            ]
        );
        let long = Some(("cache_map/expected", 13));
        let too_long = ["cache_map/one: libfuzzer, seed 1: 13 ops left, 12 at most"];
        assert_eq!(lines(LIBFUZZER, long, None).0, too_long);
        assert_eq!(lines(SEEDED, long, None).0, none);
        let long = Some(("cache_map/other", 13));
        assert_eq!(lines(LIBFUZZER, long, Some(false)).0, too_long);
    }
}
