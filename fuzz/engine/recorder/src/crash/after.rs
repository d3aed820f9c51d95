//! The contents of a file after a crash, from the time up to which each sector and the size
//! survive.

use std::collections::BTreeMap;

use super::{History, SECTOR};
use crate::contents::{Contents, pieces};
use crate::journal::{Change, NodeId, Time};

/// More than the size of any file.
const FAR: u64 = 1 << 62;

/// What was written to a file and is not durable.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    /// For each sector, the times of writes that may be lost.
    pub(super) sectors: BTreeMap<u64, Vec<Time>>,
    /// The times of changes of the size that may be lost.
    pub(super) sizes: Vec<Time>,
    /// The time of the last sync that succeeded; 0 without any.
    pub(super) synced: Time,
}

impl Dirty {
    /// What is dirty after the events at `times`, which are about `file`.
    ///
    /// After a failed sync the system takes its sectors for clean: a later sync makes a sector
    /// durable only if it was written in between.
    pub(super) fn of(history: &History<'_>, file: NodeId, times: &[Time]) -> Self {
        let mut dirty = Dirty::default();
        // The sectors of failed syncs.
        let mut failed: BTreeMap<u64, Vec<Time>> = BTreeMap::new();
        let mut size = base(history, file).map_or(0, Contents::size);
        for time in times {
            match &history.events[*time - 1].change {
                Change::Write { offset, bytes, .. } => {
                    for (sector, ..) in pieces(*offset, bytes, SECTOR) {
                        dirty.sectors.entry(sector).or_default().push(*time);
                    }
                    let end = offset + bytes.len() as u64;
                    if end > size {
                        dirty.sizes.push(*time);
                        size = end;
                    }
                }
                Change::Resize { size: new, .. } => {
                    dirty.sizes.push(*time);
                    size = *new;
                }
                Change::Sync { .. } | Change::SyncAll => {
                    dirty.sectors.keys().for_each(|sector| drop(failed.remove(sector)));
                    dirty.sectors.clear();
                    dirty.sizes.clear();
                    dirty.synced = *time;
                }
                Change::SyncFailed { .. } => {
                    for (sector, times) in std::mem::take(&mut dirty.sectors) {
                        failed.entry(sector).or_default().extend(times);
                    }
                }
                Change::Link { .. }
                | Change::Unlink { .. }
                | Change::Rename { .. }
                | Change::Rewritten { .. } => {}
            }
        }
        for (sector, mut times) in failed {
            times.extend(dirty.sectors.remove(&sector).unwrap_or_default());
            dirty.sectors.insert(sector, times);
        }
        dirty
    }
}

fn base<'h>(history: &History<'h>, file: NodeId) -> Option<&'h Contents> {
    if file < history.base.count() { history.base.contents(file) } else { None }
}

/// The contents. A sector has what it held at its time in `cuts`; other sectors have what they
/// hold. The size changes for which `resizes` is true survive.
pub(super) fn built(
    history: &History<'_>,
    file: NodeId,
    times: &[Time],
    cuts: &BTreeMap<u64, Time>,
    resizes: impl Fn(Time) -> bool,
) -> Contents {
    let mut contents = base(history, file).cloned().unwrap_or_default();
    let mut size = contents.size();
    for time in times {
        match &history.events[*time - 1].change {
            Change::Write { offset, bytes, .. } => {
                let mut at = *offset;
                for (sector, _, piece) in pieces(*offset, bytes, SECTOR) {
                    if cuts.get(&sector).is_none_or(|cut| *time <= *cut) {
                        contents.write(at, piece);
                    }
                    at += piece.len() as u64;
                }
                if at > size && resizes(*time) {
                    size = at;
                }
            }
            Change::Resize { size: new, .. } => {
                if resizes(*time) {
                    size = *new;
                    contents.zero(size, FAR);
                } else {
                    // A sector that survives from a later time had been cut by then.
                    let from = new / SECTOR as u64;
                    for (sector, cut) in cuts.range(from..) {
                        if *cut >= *time {
                            let start = (sector * SECTOR as u64).max(*new);
                            contents.zero(start, (sector + 1) * SECTOR as u64 - start);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    contents.resize(size);
    contents
}
