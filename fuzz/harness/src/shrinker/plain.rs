//! Plain operations: what happens in a run, as operations with literal keys that each do exactly
//! one thing.
//!
//! Only these passes may make an input longer: at the beginning and the end of the search, to spell
//! out what happens, and for runs, where fewer single operations may suffice.

use super::Over;
use super::search::Search;
use crate::explained::Explained;
use crate::input::encoding::text;
use crate::input::encoding::{Family, Operation};

/// The maximum number of single operations that are tried instead of the runs of an input.
const ONE_BY_ONE_MAX: usize = 256;

impl<O: Operation> Search<'_, O> {
    /// Replaces the operations by those that were applied: with the literal keys, with the
    /// operations that an impossible operation became, and with the automatic work of the world.
    pub(super) fn say_what_was_applied(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        let ways: [Way<O>; 3] = [plainly_unless_run, became, as_it_is];
        for way in ways {
            if let Some(operations) = all(&explanation, way) {
                let candidate = self.changed(|input| input.operations = operations);
                if candidate == *self.best() || self.adopt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Replaces runs by single operations, if fewer of them suffice.
    pub(super) fn runs_one_by_one(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        if let Some(operations) = all(&explanation, plainly)
            && operations.len() <= ONE_BY_ONE_MAX
            && self.detour(self.changed(|input| input.operations = operations))?
        {
            return Ok(());
        }
        for (index, line) in explanation.iter().enumerate().rev() {
            let plain = line.plainly().and_then(parse::<O>);
            if let Some(plain) = plain.filter(|plain| plain.len() <= ONE_BY_ONE_MAX)
                && index < self.best().operations.len()
            {
                let candidate =
                    self.changed(|input| drop(input.operations.splice(index..=index, plain)));
                if self.detour(candidate)? {
                    // The explanation belongs to an earlier input now. The next round continues.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Turns the automatic work of the world into operations, even if the input gets longer. A
    /// reader of the input then need not know the rules of the world.
    pub(super) fn say_what_happens_by_itself(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        let Some(operations) = all(&explanation, plainly_unless_run) else { return Ok(()) };
        let candidate = self.changed(|input| input.operations = operations);
        if candidate != *self.best() && self.adopt(candidate)? {
            // The settings that controlled this work may be plain now.
            self.plainest_settings()?;
            self.simpler_arguments()?;
        }
        Ok(())
    }
}

/// A way to turn a line of an explained run into operations. Returns `None` if the world reported
/// text that is not an operation.
type Way<O> = fn(&Explained) -> Option<Vec<O>>;

/// Turns all lines of an explained run into operations.
fn all<O>(explanation: &[Explained], way: Way<O>) -> Option<Vec<O>> {
    let operations: Option<Vec<Vec<O>>> = explanation.iter().map(way).collect();
    operations.map(|operations| operations.into_iter().flatten().collect())
}

fn as_it_is<O: Operation>(line: &Explained) -> Option<Vec<O>> {
    parse([line.operation.as_str()])
}

fn became<O: Operation>(line: &Explained) -> Option<Vec<O>> {
    match &line.became {
        Some(became) => parse(became.lines()),
        None => as_it_is(line),
    }
}

fn plainly<O: Operation>(line: &Explained) -> Option<Vec<O>> {
    match line.plainly() {
        Some(plain) => parse(plain),
        None => as_it_is(line),
    }
}

fn plainly_unless_run<O: Operation>(line: &Explained) -> Option<Vec<O>> {
    let own: Vec<O> = as_it_is(line)?;
    let is_run = own.iter().any(|own| O::KINDS[own.kind()].family == Family::Run);
    if is_run { Some(own) } else { plainly(line) }
}

/// Parses operations, one a line. Skips empty lines.
pub(super) fn parse<'a, O: Operation>(lines: impl IntoIterator<Item = &'a str>) -> Option<Vec<O>> {
    let lines: Vec<&str> = lines.into_iter().collect();
    // A text without a title fits every target.
    text::parse("", &lines.join("\n")).ok().map(|input| input.operations)
}
