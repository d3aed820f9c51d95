//! Counters of the structural events in a segmented array.
//!
//! - `nodes_acquired` is `appends + splits`.
//! - `nodes_released` is `merges + nodes_emptied + nodes_cleared`.
//! - `nodes_acquired - nodes_released` is the number of nodes.
//! - No decision depends on a counter.

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Nodes acquired from the pool.
    pub nodes_acquired: u64,
    /// Nodes released to the pool.
    pub nodes_released: u64,
    /// Nodes appended without moving an element, the first node of an empty array included.
    pub appends: u64,
    /// Nodes split in two halves to make room.
    pub splits: u64,
    /// Nodes that took all elements of the next node.
    pub merges: u64,
    /// Nodes that took some elements of the next node.
    pub rebalances: u64,
    /// Nodes released because a remove took all of their elements.
    pub nodes_emptied: u64,
    /// Nodes released because the array was cleared.
    pub nodes_cleared: u64,
}

impl Statistics {
    /// # Panics
    ///
    /// If the counters contradict each other or the number of nodes.
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
