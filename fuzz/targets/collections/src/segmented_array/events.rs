//! What is counted of a run: the arrays' own statistics, and what the world did by itself.

use downbeat_lsm::collections::segmented_array::Statistics;

use super::states;
use downbeat::run::Run;

/// Events that the world counts, behind those of the statistics of both arrays.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    Full = 2 * FACTS,
    NodesAtMost,
    RemovedForRoom,
    EndReachedUp,
    EndReachedDown,
    EqualAdded,
    BatchOverNodes,
    SortedEndReachedUp,
    SortedEndReachedDown,
}

const _: () = assert!(NAMES.len() == Event::SortedEndReachedDown as usize + 1);

/// How many facts the statistics of an array count.
const FACTS: usize = 6;

/// Every event, by number.
pub(super) const NAMES: &[&str] = &[
    "plain: append",
    "plain: split",
    "plain: merge",
    "plain: rebalance",
    "plain: node emptied",
    "plain: node cleared",
    "sorted: append",
    "sorted: split",
    "sorted: merge",
    "sorted: rebalance",
    "sorted: node emptied",
    "sorted: node cleared",
    "array full",
    "as many nodes as there can be",
    "removal for want of room",
    "iterator past the last element",
    "iterator past the first element",
    "element added to its equal",
    "batch of more than a node",
    "sorted: iterator past the last element",
    "sorted: iterator past the first element",
];

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what the statistics of array number `array` (0 plain, 1 sorted) say.
pub(super) fn harvest(array: usize, statistics: &Statistics, run: &mut Run) {
    let Statistics {
        nodes_acquired: _,
        nodes_released: _,
        appends,
        splits,
        merges,
        rebalances,
        nodes_emptied,
        nodes_cleared,
    } = *statistics;
    let facts = [appends, splits, merges, rebalances, nodes_emptied, nodes_cleared];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(array * FACTS + fact, count);
        run.state(states::Counted, 3 * (array * FACTS + fact) + count.min(2) as usize);
    }
}
