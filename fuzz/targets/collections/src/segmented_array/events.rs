//! Events of a run: what the arrays count, and what the world does.

use downbeat_lsm::collections::segmented_array::Statistics;

downbeat::events! {
    /// What the plain array has counted.
    pub(super) fn plain(Statistics) {
        "plain: append" => appends,
        "plain: split" => splits,
        "plain: merge" => merges,
        "plain: rebalance" => rebalances,
        "plain: node emptied" => nodes_emptied,
        "plain: node released by a clear" => nodes_cleared,
        _ => nodes_acquired,
        _ => nodes_released,
    }

    /// What the sorted array has counted.
    pub(super) fn sorted(Statistics) {
        "sorted: append" => appends,
        "sorted: split" => splits,
        "sorted: merge" => merges,
        "sorted: rebalance" => rebalances,
        "sorted: node emptied" => nodes_emptied,
        "sorted: node released by a clear" => nodes_cleared,
        _ => nodes_acquired,
        _ => nodes_released,
    }

    /// What the world counts.
    pub(super) enum Event {
        Full "array full",
        NodesAtMost "maximum number of nodes",
        RemovedForRoom "removal to make room",
        EndReachedUp "iterator past the last element",
        EndReachedDown "iterator past the first element",
        EqualAdded "element added before an equal element",
        BatchOverNodes "batch of more than a node",
        SortedEndReachedUp "sorted: iterator past the last element",
        SortedEndReachedDown "sorted: iterator past the first element",
    }
}
