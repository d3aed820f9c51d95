//! The comparison of searchers: the figures of each over all planted bugs.
//!
//! A search that was cut off at its limit is not left out of the sums and the means. It counts with
//! what it used until the limit, so the mean of a searcher with such searches is a lower bound.

use nanoserde::SerJson;

use super::outcome::Outcome;
use super::plan::Ran;
use super::row::Row;

/// The least CPU time that a search counts with in a geometric mean, in seconds: the clock's tick.
const TICK: f64 = 0.01;

/// A comparison of searchers.
#[derive(Clone, Debug, PartialEq, SerJson)]
pub struct Comparison {
    /// Whether it has all bugs that were to be compared.
    pub is_complete: bool,
    /// The figures of each searcher, in the order of their first rows.
    pub searchers: Vec<Figures>,
    /// The outcomes.
    pub bugs: Vec<Compared>,
}

/// The outcomes of a searcher for a bug.
#[derive(Clone, Debug, PartialEq, SerJson)]
pub struct Compared {
    /// The name of the bug, which starts with its target's name.
    pub bug: String,
    /// The searcher's name.
    pub searcher: String,
    /// The outcome of each seed, starting at seed 1.
    pub outcomes: Vec<Outcome>,
}

/// The figures of a searcher over all of its searches.
#[derive(Clone, Debug, PartialEq, SerJson)]
pub struct Figures {
    /// The searcher's name.
    pub searcher: String,
    /// The number of searches.
    pub searches: usize,
    /// In how many of them the bug was found.
    pub found: usize,
    /// How many searches were cut off at their limit.
    pub cut_off: usize,
    /// The sum of CPU seconds.
    pub cpu_seconds: f64,
    /// The geometric mean of CPU seconds.
    pub mean_cpu_seconds: f64,
    /// The sum of executions.
    pub executions: u64,
    /// The geometric mean of executions.
    pub mean_executions: f64,
    /// How often the searcher found a bug with the least CPU time of all searchers, for the same
    /// bug and seed. If several did so in the same time, it counts for each.
    pub first: usize,
}

impl Comparison {
    /// Compares the searchers of a plan that has run.
    #[must_use]
    pub fn of(ran: &Ran<'_>) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut bugs = Vec::new();
        for row in &ran.rows {
            let searcher = row.searcher.to_string();
            if !names.contains(&searcher) {
                names.push(searcher.clone());
            }
            bugs.push(Compared { bug: row.patch.name(), searcher, outcomes: row.outcomes.clone() });
        }
        let searchers = names.into_iter().map(|name| figures(name, &ran.rows)).collect();
        Comparison { is_complete: ran.is_complete, searchers, bugs }
    }

    /// The comparison as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        self.serialize_json()
    }
}

fn figures(searcher: String, rows: &[Row<'_>]) -> Figures {
    let own = || rows.iter().filter(|row| row.searcher.to_string() == searcher);
    let outcomes = || own().flat_map(|row| &row.outcomes);
    let searches = outcomes().count();
    let found = own().map(Row::found).sum();
    Figures {
        searches,
        found,
        cut_off: searches - found,
        cpu_seconds: outcomes().map(|it| it.cpu_seconds).sum(),
        mean_cpu_seconds: geometric(outcomes().map(|it| it.cpu_seconds.max(TICK))),
        executions: outcomes().map(|it| it.executions).sum(),
        mean_executions: geometric(outcomes().map(|it| it.executions.max(1) as f64)),
        first: own().map(|row| times_first(row, rows)).sum(),
        searcher,
    }
}

/// For how many seeds no other searcher found the bug of a row in less CPU time.
fn times_first(row: &Row<'_>, rows: &[Row<'_>]) -> usize {
    let times = |row: &Row<'_>, place: usize| {
        let outcome = row.outcomes.get(place)?;
        outcome.found.as_ref().map(|_| outcome.cpu_seconds)
    };
    let is_first = |place: &usize| {
        let Some(own) = times(row, *place) else { return false };
        let mut others = rows.iter().filter(|other| other.patch.name() == row.patch.name());
        others.all(|other| times(other, *place).is_none_or(|other| own <= other))
    };
    (0..row.outcomes.len()).filter(is_first).count()
}

/// The geometric mean; 0 if there are no numbers.
fn geometric(numbers: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), it| (sum + it.ln(), count + 1.0));
    if count == 0.0 { 0.0 } else { f64::exp(sum / count) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{outcome, patch};
    use super::super::searcher::Searcher;
    use super::*;
    use crate::driver::{LIBFUZZER, SEEDED};

    #[test]
    fn a_search_that_is_cut_off_counts_with_its_limit_and_is_never_first() {
        let patches = [patch("one", "b"), patch("two", "b")];
        let (guided, blind) = (Searcher::plain(LIBFUZZER), Searcher::plain(SEEDED));
        let check = Some(("cache_map/expected", 3));
        let row = |patch, searcher, outcomes: Vec<Outcome>| Row { patch, searcher, outcomes };
        let rows = [
            row(&patches[0], &guided, vec![outcome(10, check), outcome(1000, None)]),
            row(&patches[0], &blind, vec![outcome(40, check), outcome(90, check)]),
            row(&patches[1], &guided, vec![outcome(100, check), outcome(1000, None)]),
            row(&patches[1], &blind, vec![outcome(100, check), outcome(1000, None)]),
        ];
        let comparison = Comparison::of(&Ran { rows: rows.to_vec(), is_complete: true });
        let figures = &comparison.searchers;
        let [guided, blind] = &figures[..] else { panic!("two searchers: {figures:?}") };
        assert_eq!((guided.searcher.as_str(), blind.searcher.as_str()), ("libfuzzer", "seeded"));
        assert_eq!((guided.searches, guided.found, guided.cut_off), (4, 2, 2));
        assert_eq!((blind.searches, blind.found, blind.cut_off), (4, 3, 1));
        assert_eq!((guided.first, blind.first), (2, 2), "both are first for the same time");
        assert_eq!((guided.executions, guided.cpu_seconds), (2110, 211.0));
        let mean = f64::powf(10.0 * 1000.0 * 100.0 * 1000.0, 0.25);
        assert!((guided.mean_executions - mean).abs() < 1e-9, "{}", guided.mean_executions);
        assert!((guided.mean_cpu_seconds - mean / 10.0).abs() < 1e-9);
        let json = comparison.json();
        let starts =
            "{\"is_complete\":true,\"searchers\":[{\"searcher\":\"libfuzzer\",\"searches\":4,";
        assert!(json.starts_with(starts), "{json}");
        let none = Comparison::of(&Ran { rows: Vec::new(), is_complete: false });
        assert!(none.searchers.is_empty() && !none.is_complete);
    }
}
