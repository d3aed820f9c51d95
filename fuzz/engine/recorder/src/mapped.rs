//! Files that are mapped: what was written to their memory.

use crate::journal::NodeId;
use crate::scan;
use crate::state::Recorded;

/// Records what was written to the memory of mapped files: of one file, or of all.
pub(crate) fn refresh(recorded: &mut Recorded, only: Option<NodeId>) {
    let mut changes = Vec::new();
    for map in &recorded.maps {
        if only.is_some_and(|node| node != map.node) {
            continue;
        }
        if let Some(contents) = recorded.live.contents(map.node) {
            changes.extend(scan::changes(&map.file, map.node, contents).unwrap_or_default());
        }
    }
    changes.into_iter().for_each(|change| recorded.record(change));
}
