//! The page of mutants that a person has judged: `fuzz/mutants.md`.
//!
//! A line `` | `NAME` | WHY | `` below the heading `## Equivalent` says why a mutant does nothing
//! wrong, and one below `## Survivors` what it would take to kill it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::project::Project;

use super::mutant::Mutant;

/// The name of the page, relative to the checkout's root.
const PAGE: &str = "fuzz/mutants.md";

/// What the page says of mutants, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The reasons why mutants are equivalent to the core.
    pub equivalent: BTreeMap<String, String>,
    /// What it would take to kill the other mutants that survive.
    pub survivors: BTreeMap<String, String>,
}

impl Page {
    /// Reads the page. `mutants` are all mutants of the core.
    ///
    /// # Errors
    ///
    /// Returns an error if the page cannot be read, a line is malformed or its mutant named twice,
    /// or a mutant does not exist any more.
    pub fn read(project: &Project, mutants: &[Mutant]) -> Result<Self> {
        let text = std::fs::read_to_string(project.root().join(PAGE))
            .with_context(|| format!("cannot read {PAGE}"))?;
        let page = Self::parse(&text)?;
        for name in page.equivalent.keys().chain(page.survivors.keys()) {
            ensure!(
                mutants.iter().any(|mutant| mutant.name == *name),
                "{PAGE}: there is no mutant \"{name}\" any more; remove its line"
            );
        }
        Ok(page)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut page = Page::default();
        let mut heading = "";
        for (line, number) in text.lines().zip(1..) {
            if let Some(title) = line.strip_prefix("## ") {
                heading = title;
            }
            let Some(row) = line.strip_prefix("| `") else { continue };
            let reasons = match heading {
                "Equivalent" => &mut page.equivalent,
                "Survivors" => &mut page.survivors,
                _ => continue,
            };
            let parts = row.strip_suffix(" |").and_then(|row| row.split_once("` | "));
            let (name, reason) = parts.with_context(|| {
                format!("{PAGE}:{number}: write the line as \"| `NAME` | WHY |\"")
            })?;
            if reasons.insert(name.to_owned(), reason.to_owned()).is_some() {
                bail!("{PAGE}:{number}: this mutant is named twice");
            }
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Mutants\n\n| `--time` | an option |\n\n## Equivalent\n\n| Mutant | Why |\n\
        |---|---|\n| `a: replace | with ^` | the bits differ |\n\n## Survivors\n\n| Mutant | Takes |\n\
        |---|---|\n| `b` | a test |\n";

    #[test]
    fn a_page_has_two_tables_and_nothing_twice() {
        let page = Page::parse(TEXT).expect("a page");
        let only = |name: &str, why: &str| BTreeMap::from([(name.to_owned(), why.to_owned())]);
        assert_eq!(page.equivalent, only("a: replace | with ^", "the bits differ"));
        assert_eq!(page.survivors, only("b", "a test"));
        let twice = Page::parse(&format!("{TEXT}| `b` | again |\n")).expect_err("it is refused");
        assert_eq!(twice.to_string(), "fuzz/mutants.md:16: this mutant is named twice");
        let wrong = Page::parse(&format!("{TEXT}| `c` |\n")).expect_err("it is refused");
        assert!(wrong.to_string().starts_with("fuzz/mutants.md:16: write the line as"));
    }
}
