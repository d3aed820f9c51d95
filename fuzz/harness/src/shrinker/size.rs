//! Which of two inputs is the smaller one.
//!
//! The order is total and every part is a count, so nothing gets smaller for ever.

use crate::model::encoding::{Family, Input, Operation};

/// As many single operations are as hard to read as a run of them: fewer are better said one by one.
const RUN: u64 = 4;

/// How much there is to read in an input; parts that come first decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    /// Operations, a run of them as [`RUN`].
    operations: u64,
    /// Sum of the numbers of their kinds: plain kinds come first in a target's table.
    kinds: u64,
    /// What is in their arguments.
    arguments: u128,
    /// Sum of the indexes of the settings' choices.
    settings: u64,
    /// What is in the arguments of each, and its kind: of equal sums, simple ones come first, and
    /// operations of one key stand together.
    each: Vec<(u128, usize)>,
}

impl Size {
    pub(super) fn of<O: Operation>(input: &Input<O>) -> Self {
        let Input { header, operations } = input;
        let weight = |operation: &O| match O::KINDS[operation.kind()].family {
            Family::Run => RUN,
            _ => 1,
        };
        Size {
            operations: operations.iter().map(weight).sum(),
            kinds: operations.iter().map(|operation| operation.kind() as u64).sum(),
            arguments: operations.iter().map(Operation::complexity).sum(),
            settings: header.encode().into_iter().map(u64::from).sum(),
            each: operations.iter().map(|own| (own.complexity(), own.kind())).collect(),
        }
    }
}
