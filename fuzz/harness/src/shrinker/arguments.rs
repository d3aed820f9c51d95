//! Simpler arguments, of an operation or of all operations with the same argument, and simpler
//! kinds.

use std::collections::BTreeSet;

use super::Over;
use super::plain::parse;
use super::search::Search;
use crate::input::encoding::text::line;
use crate::input::encoding::{ArgumentBytes, Arguments, Family, Operation};

impl<O: Operation> Search<'_, O> {
    pub(super) fn simpler_arguments(&mut self) -> Result<(), Over> {
        self.each_operation(O::simpler)
    }

    /// Simplifies an argument that several operations share, such as `level=1`, in all of them at
    /// once.
    pub(super) fn simpler_arguments_together(&mut self) -> Result<(), Over> {
        'simpler: loop {
            let lines: Vec<String> = self.best().operations.iter().map(line).collect();
            for (word, other) in simpler_words(&self.best().operations) {
                let having = |line: &&String| line.split_whitespace().any(|own| own == word);
                if lines.iter().filter(having).count() < 2 {
                    continue;
                }
                let replace = |own| if own == word { other.as_str() } else { own };
                let said = lines
                    .iter()
                    .map(|line| line.split_whitespace().map(replace).collect::<Vec<_>>().join(" "));
                let said: Vec<String> = said.collect();
                if let Some(operations) = parse(said.iter().map(String::as_str))
                    && self.attempt(|input| input.operations = operations)?
                {
                    continue 'simpler;
                }
            }
            return Ok(());
        }
    }

    /// Replaces a kind by an earlier kind of the same family in the table: a plain `get` is simpler
    /// than a call that distinguishes more answers. Leaves runs alone, because their kinds do
    /// different things: a run may write, read or remove.
    pub(super) fn simpler_kinds(&mut self) -> Result<(), Over> {
        self.each_operation(|operation, simpler| {
            let kind = operation.kind();
            let family = O::KINDS[kind].family;
            let lower = (0..kind).filter(|lower| O::KINDS[*lower].family == family);
            let mut bytes = ArgumentBytes::new();
            operation.encode(&mut bytes);
            let bytes = bytes.without_trailing_zeros();
            if family != Family::Run {
                simpler.extend(lower.map(|lower| O::decode(lower, &mut Arguments::new(bytes))));
            }
        })
    }

    /// Replaces each operation by the first of its simpler versions with which the input still
    /// fails in the same way, until there is none.
    fn each_operation(&mut self, simplify: impl Fn(&O, &mut Vec<O>)) -> Result<(), Over> {
        let mut simpler = Vec::new();
        let mut index = 0;
        while let Some(operation) = self.best().operations.get(index) {
            simpler.clear();
            simplify(operation, &mut simpler);
            let mut changed = false;
            for other in &simpler {
                changed = self.attempt(|input| input.operations[index] = *other)?;
                if changed {
                    break;
                }
            }
            if !changed {
                index += 1;
            }
        }
        Ok(())
    }
}

/// Returns the named arguments as words, each with the word for a simpler value. The simplest come
/// first.
fn simpler_words<O: Operation>(operations: &[O]) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let mut seen = BTreeSet::new();
    let mut simpler = Vec::new();
    for operation in operations {
        simpler.clear();
        operation.simpler(&mut simpler);
        let own = line(operation);
        for other in &simpler {
            let other = line(other);
            let pairs = own.split_whitespace().zip(other.split_whitespace());
            let changed = pairs.filter(|(own, other)| own != other && own.contains('='));
            for (own, other) in changed {
                let pair = (own.to_owned(), other.to_owned());
                if seen.insert(pair.clone()) {
                    words.push(pair);
                }
            }
        }
    }
    words
}
