//! The size of an input. It decides which of two inputs is smaller.
//!
//! The order is total and every part is a count, so no descent is infinite.

use crate::input::encoding::{Family, Input, Operation};

/// The weight of a run of operations: it is as hard to read as this many single operations.
const RUN: u64 = 4;

/// How much there is to read in an input. Earlier fields take precedence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    /// The number of operations. A run of operations is counted as [`RUN`] operations.
    operations: u64,
    /// The sum of the numbers of their kinds. Plain kinds come first in a target's table.
    kinds: u64,
    /// The sum of the complexity of their arguments.
    arguments: u128,
    /// The sum of the indexes of the settings' choices.
    settings: u64,
    /// The complexity and the kind of each operation. If the sums are equal, simple operations come
    /// first, and operations with the same key are adjacent.
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
