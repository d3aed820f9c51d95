//! All attempts on all mutants.
//!
//! The outcome of an attempt is stored in `target/planted/mutants`, by a hash of everything that it
//! depends on, so a run that was interrupted continues where it ended.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use twox_hash::XxHash3_128;

use super::attempt::{Attempt, COMPILER};
use super::fate::Fate;
use super::mutant::Mutant;
use super::near;
use super::page::Page;
use crate::planted::{Checkout, Origin, Outcome, Patch, Results, Searcher, folder};

/// The name of the file of outcomes.
const FILE: &str = "mutants";

/// Attempts to kill mutants.
pub struct Trials<'a> {
    /// The checkout.
    pub project: &'a Project,
    /// The mutants.
    pub mutants: &'a [Mutant],
    /// The mutants that a person has judged.
    pub page: &'a Page,
    /// The planted bugs, which say which targets are near to a file.
    pub patches: &'a [Patch],
    /// The searchers.
    pub searchers: &'a [Searcher],
    /// The CPU time of a search.
    pub limit: Duration,
    /// The number of targets in which each searcher searches: the nearest ones. Replays run on all
    /// near targets.
    pub searched: usize,
    /// Whether stored outcomes are ignored.
    pub fresh: bool,
}

/// The fates of mutants.
pub struct Tried<'a> {
    /// The mutants that were tried, in their order.
    pub fates: Vec<(&'a Mutant, Fate)>,
    /// Whether all mutants were tried. If not, the run was interrupted.
    pub is_complete: bool,
}

/// Receives the progress of trials. An error ends them.
#[expect(clippy::missing_errors_doc, reason = "the trait's documentation covers all methods")]
pub trait Watcher {
    /// Some work begins. `what` describes it in one line.
    fn doing(&mut self, what: &str) -> io::Result<()>;

    /// The fate of a mutant is known.
    fn fate(&mut self, mutant: &Mutant, fate: &Fate) -> io::Result<()>;
}

impl Trials<'_> {
    /// Tries each mutant, until an attempt kills it or none is left.
    ///
    /// # Errors
    ///
    /// Returns an error if a mutant does not fit its file, the suite does not build, an input
    /// cannot be read, a folder cannot be written, or the watcher fails.
    pub fn run(&self, watcher: &mut dyn Watcher, stop: &AtomicBool) -> Result<Tried<'_>> {
        let checkout = Checkout::open(self.project)?;
        let mut results = Results::open(&folder(self.project).join(FILE))?;
        let mut fates = Vec::new();
        for mutant in self.mutants {
            let fate = if self.page.equivalent.contains_key(&mutant.name) {
                Some(Fate::Equivalent)
            } else {
                self.fate(mutant, &checkout, &mut results, watcher, stop)
                    .with_context(|| mutant.name.clone())?
            };
            let Some(fate) = fate else { return Ok(Tried { fates, is_complete: false }) };
            watcher.fate(mutant, &fate)?;
            fates.push((mutant, fate));
        }
        checkout.refresh()?;
        Ok(Tried { fates, is_complete: true })
    }

    /// The attempts on a mutant, in their order.
    fn attempts(&self, mutant: &Mutant) -> Vec<Attempt<'_>> {
        let targets = near::targets(&mutant.file, self.patches);
        let first = targets.first().copied().map(Attempt::Compile);
        let replays = targets.iter().copied().map(Attempt::Replay);
        let searches = targets.iter().take(self.searched).flat_map(|target| {
            let limit = self.limit;
            self.searchers.iter().map(move |searcher| Attempt::Search(target, searcher, limit))
        });
        first.into_iter().chain(replays).chain(searches).collect()
    }

    /// Tries a mutant. Returns `None` if `stop` is set.
    fn fate(
        &self,
        mutant: &Mutant,
        checkout: &Checkout<'_>,
        results: &mut Results,
        watcher: &mut dyn Watcher,
        stop: &AtomicBool,
    ) -> Result<Option<Fate>> {
        let sources = checkout.refresh()?;
        let mut is_there = false;
        for attempt in self.attempts(mutant) {
            let (target, by) = (attempt.target(), attempt.by());
            let inputs = match attempt {
                Attempt::Compile(_) => 0,
                Attempt::Replay(_) => checkout.hash(&checkout.passing(target))?,
                Attempt::Search(_, searcher, _) => match searcher.origin {
                    Origin::Empty => 0,
                    Origin::Corpus => checkout.corpus(target)?,
                },
            };
            let limit =
                if let Attempt::Search(_, _, limit) = attempt { limit } else { Duration::ZERO };
            let all = format!(
                "{} {:?} {} {by} {} {inputs:x} {sources:x} {}",
                mutant.name,
                mutant.piece,
                mutant.replacement,
                target.name,
                limit.as_millis()
            );
            let key = format!("{:032x}", XxHash3_128::oneshot(all.as_bytes()));
            let stored = results.get(&key).filter(|_| !self.fresh).cloned();
            let outcome = match stored {
                Some(outcome) => outcome,
                None => {
                    if !is_there {
                        checkout.change(&mutant.file, |text| mutant.apply(text))?;
                        is_there = true;
                    }
                    watcher.doing(&format!("{by}, {}: {}", target.name, mutant.name))?;
                    let Some(outcome) = attempt.make(checkout, stop)? else { return Ok(None) };
                    let by = format!("{by} {}", target.name);
                    results.put(key, mutant.name.clone(), &by, 1, outcome.clone())?;
                    outcome
                }
            };
            let Outcome { cpu_seconds: seconds, found, .. } = outcome;
            if let Some(found) = found {
                return Ok(Some(if by == COMPILER {
                    Fate::DoesNotCompile
                } else {
                    Fate::Killed { by, target: target.name, check: found.check, seconds }
                }));
            }
        }
        Ok((!is_set(stop)).then_some(Fate::Survived))
    }
}

pub(super) fn is_set(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}
