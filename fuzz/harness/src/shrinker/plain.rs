//! What happens, said plainly: by operations with literal keys, of which each does what it says, and
//! one thing.
//!
//! These are the steps that may make an input longer: at the beginning and the end, where it then says
//! what happened anyway; and for runs, where fewer single operations do.

use super::Over;
use super::search::Search;
use crate::explained::Explained;
use crate::model::encoding::text;
use crate::model::encoding::{Family, Input, Operation};

/// Single operations that all runs of an input may come to, to be tried in their place.
const ONE_BY_ONE_MAX: usize = 256;

impl<O: Operation> Search<'_, O> {
    /// The operations that were applied, with the keys that they meant; where one was impossible,
    /// those that it became; and what the world did by itself.
    pub(super) fn say_what_was_applied(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        let ways: [Way<O>; 3] = [plainly_unless_run, became, as_it_is];
        for way in ways {
            if let Some(operations) = all(&explanation, way) {
                let candidate = Input { operations, ..self.best().clone() };
                if candidate == *self.best() || self.adopt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Runs as single operations, where fewer of them suffice.
    pub(super) fn runs_one_by_one(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        if let Some(operations) = all(&explanation, plainly)
            && operations.len() <= ONE_BY_ONE_MAX
            && self.detour(Input { operations, ..self.best().clone() })?
        {
            return Ok(());
        }
        for (index, line) in explanation.iter().enumerate().rev() {
            let plain = line.plainly().and_then(parse::<O>);
            if let Some(plain) = plain.filter(|plain| plain.len() <= ONE_BY_ONE_MAX)
                && index < self.best().operations.len()
            {
                let mut candidate = self.best().clone();
                candidate.operations.splice(index..=index, plain);
                if self.detour(candidate)? {
                    // What was explained is the best no more; the next round goes on.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What the world does by itself becomes operations, also where that makes more of them: nobody
    /// who reads the input has to know the rules of the world.
    pub(super) fn say_what_happens_by_itself(&mut self) -> Result<(), Over> {
        let explanation = self.explain()?;
        let Some(operations) = all(&explanation, plainly_unless_run) else { return Ok(()) };
        let candidate = Input { operations, ..self.best().clone() };
        if candidate != *self.best() && self.adopt(candidate)? {
            // Settings that said how are plain from here on.
            self.plainest_settings()?;
            self.simpler_arguments()?;
        }
        Ok(())
    }
}

/// How a line of an explained run is said; `None` if a world said what is no operation.
type Way<O> = fn(&Explained) -> Option<Vec<O>>;

/// The operations of an explained run, each as `way` has it.
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

/// Operations from their lines; an empty line is none.
pub(super) fn parse<'a, O: Operation>(lines: impl IntoIterator<Item = &'a str>) -> Option<Vec<O>> {
    let lines: Vec<&str> = lines.into_iter().collect();
    // Without a title, a text is of any target.
    text::parse("", &lines.join("\n")).ok().map(|input| input.operations)
}
