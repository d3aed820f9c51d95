//! Counters of what happened to the nodes of a segmented array.
//!
//! - `nodes_acquired` is `appends + splits`.
//! - `nodes_released` is `merges + nodes_emptied + nodes_cleared`.
//! - `nodes_acquired - nodes_released` is the number of nodes.
//!
//! What this does not do: it does not count elements or calls, and no call reads a counter to
//! decide anything.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Nodes taken from the pool.
    pub nodes_acquired: u64,
    /// Nodes given back to the pool.
    pub nodes_released: u64,
    /// Nodes added at the end, the first one of an empty array included: no element moved.
    pub appends: u64,
    /// Nodes that were split in two halves to make room.
    pub splits: u64,
    /// Nodes that took over all elements of the next one.
    pub merges: u64,
    /// Nodes that took over some elements of the next one.
    pub rebalances: u64,
    /// Nodes given back because a removal took all of their elements.
    pub nodes_emptied: u64,
    /// Nodes given back because the whole array was emptied.
    pub nodes_cleared: u64,
}

impl Statistics {
    /// # Panics
    ///
    /// If the counters contradict each other, or this number of nodes.
    pub(super) fn verify(&self, node_count: u32) {
        assert!(
            self.nodes_acquired == self.appends + self.splits,
            "segmented_array: every acquired node must be counted once",
        );
        assert!(
            self.nodes_released == self.merges + self.nodes_emptied + self.nodes_cleared,
            "segmented_array: every released node must be counted once",
        );
        assert!(
            self.nodes_acquired - self.nodes_released == u64::from(node_count),
            "segmented_array: the nodes must be those acquired and not released",
        );
    }
}
