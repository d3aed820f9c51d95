//! A driver as it searches for planted bugs: with its options, and the inputs that it starts with.

use std::fmt;

use anyhow::{Context, Result, ensure};

use crate::driver::{self, Driver};

/// The inputs that a search starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// No inputs.
    Empty,
    /// The committed corpus of the target.
    Corpus,
}

impl Origin {
    /// All origins.
    pub const ALL: [Self; 2] = [Origin::Empty, Origin::Corpus];

    /// The name on the command line and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Origin::Empty => "empty",
            Origin::Corpus => "corpus",
        }
    }
}

/// A driver as it searches for planted bugs. Its text is its name in tables and in stored outcomes.
#[derive(Clone, Debug)]
pub struct Searcher {
    /// The driver.
    pub driver: &'static dyn Driver,
    /// The options that are added to the driver's own.
    pub options: Vec<String>,
    /// The inputs that each search starts with.
    pub origin: Origin,
}

impl Searcher {
    /// A driver with its own options and no inputs.
    #[must_use]
    pub fn plain(driver: &'static dyn Driver) -> Self {
        Searcher { driver, options: Vec::new(), origin: Origin::Empty }
    }

    /// Parses a driver's name, followed by options: `libfuzzer -entropic=1`. The searcher starts
    /// with no inputs.
    ///
    /// # Errors
    ///
    /// Returns an error if no driver has this name, or it takes no options.
    pub fn parse(text: &str) -> Result<Self> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let driver = driver::find(&words.next().unwrap_or_default())?;
        let options: Vec<String> = words.collect();
        driver::check_options(driver, &options)?;
        Ok(Searcher { options, ..Searcher::plain(driver) })
    }

    /// These searchers with each of these origins. A driver without a corpus starts with no inputs
    /// only.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such searcher, or the same one twice.
    pub fn from_each(searchers: &[Self], origins: &[Origin]) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for origin in origins {
            for searcher in searchers {
                if *origin == Origin::Empty || searcher.driver.has_corpus() {
                    all.push(Searcher { origin: *origin, ..searcher.clone() });
                }
            }
        }
        let names: Vec<String> = all.iter().map(Self::to_string).collect();
        let twice = (1..names.len()).find(|place| names[..*place].contains(&names[*place]));
        ensure!(twice.is_none(), "{} is given twice", names[twice.unwrap_or_default()]);
        all.first().context("no driver that is chosen starts with a corpus; add --from empty")?;
        Ok(all)
    }
}

impl fmt::Display for Searcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.driver.name())?;
        self.options.iter().try_for_each(|option| write!(formatter, " {option}"))?;
        match self.origin {
            Origin::Empty => Ok(()),
            Origin::Corpus => formatter.write_str(" (corpus)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str], origins: &[Origin]) -> Result<Vec<String>> {
        let searchers: Result<Vec<_>> = texts.iter().map(|text| Searcher::parse(text)).collect();
        let all = Searcher::from_each(&searchers?, origins)?;
        Ok(all.iter().map(Searcher::to_string).collect())
    }

    #[test]
    fn a_searcher_is_named_by_its_driver_options_and_origin() {
        let texts = ["libfuzzer", "libfuzzer  -entropic=1 -use_counters=0", "seeded"];
        assert_eq!(
            names(&texts, &Origin::ALL).expect("they are valid"),
            [
                "libfuzzer",
                "libfuzzer -entropic=1 -use_counters=0",
                "seeded",
                "libfuzzer (corpus)",
                "libfuzzer -entropic=1 -use_counters=0 (corpus)",
            ]
        );
    }

    #[test]
    fn searchers_that_cannot_be_compared_are_refused() {
        let refused = |texts: &[&str], origins: &[Origin]| {
            names(texts, origins).expect_err("it is refused").to_string()
        };
        let empty = &[Origin::Empty];
        assert!(refused(&["magic"], empty).starts_with("unknown driver \"magic\"; drivers are "));
        assert!(refused(&["seeded -a"], empty).contains("seeded takes no options"));
        assert!(refused(&["libfuzzer entropic"], empty).contains("\"entropic\" is not an option"));
        assert_eq!(refused(&["seeded", "seeded"], empty), "seeded is given twice");
        assert!(refused(&["seeded"], &[Origin::Corpus]).contains("add --from empty"));
    }
}
