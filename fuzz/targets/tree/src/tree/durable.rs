//! The checkpoints at which the store may open: the last that was acknowledged, or the one that was
//! being written to the superblock when power was lost or the beat failed.

use downbeat_lsm::superblock::{CheckpointState, ManifestReferences, SuperblockHeader};

/// The checkpoints at which the store may open; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Durable {
    /// The identity of the store. Each formatting gives it another one.
    store: u128,
    acknowledged: CheckpointState,
    /// The last beat of the checkpoint that was being written, and its log.
    under_way: Option<(u64, ManifestReferences)>,
}

impl Durable {
    /// Makes the checkpoint at which a store was formatted the only one.
    pub(super) fn formatted(&mut self, header: &SuperblockHeader) {
        self.store = header.store();
        self.acknowledge(header);
    }

    /// Makes this checkpoint the only one, because the store acknowledged it.
    pub(super) fn acknowledge(&mut self, header: &SuperblockHeader) {
        self.acknowledged = header.state();
        self.under_way = None;
    }

    /// Allows the store to open at a checkpoint that began to be written to the superblock.
    pub(super) fn written(&mut self, beat: u64, log: ManifestReferences) {
        self.under_way = Some((beat, log));
    }

    /// Whether a checkpoint may have been written in part.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Makes the checkpoint at which the store opened the only one. Returns whether it was the one
    /// under way; `None` if the store must not open at it.
    pub(super) fn opened(&mut self, header: &SuperblockHeader) -> Option<bool> {
        let state = header.state();
        let under_way = self.under_way == Some((state.beat, state.manifest));
        let may_open = header.store() == self.store && (under_way || state == self.acknowledged);
        may_open.then(|| {
            self.acknowledge(header);
            under_way
        })
    }
}
