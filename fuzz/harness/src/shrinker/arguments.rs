//! Simpler arguments of one operation, and a plainer kind of it.

use super::Over;
use super::search::Search;
use crate::model::encoding::{ArgumentBytes, Arguments, Family, Operation};

impl<O: Operation> Search<'_, O> {
    pub(super) fn simpler_arguments(&mut self) -> Result<(), Over> {
        self.each_operation(O::simpler)
    }

    /// Kinds of the same family that stand before it in the table, where they do as well: a plain `get`
    /// says less than a call that tells more answers apart. Not of runs: those write, read or remove.
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

    /// Puts the first of each operation's simpler ones that fails alike in its place, until none does.
    fn each_operation(&mut self, simplify: impl Fn(&O, &mut Vec<O>)) -> Result<(), Over> {
        let mut simpler = Vec::new();
        let mut index = 0;
        while let Some(operation) = self.best().operations.get(index) {
            simpler.clear();
            simplify(operation, &mut simpler);
            let mut changed = false;
            for other in &simpler {
                let mut candidate = self.best().clone();
                candidate.operations[index] = *other;
                changed = self.attempt(candidate)?;
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
