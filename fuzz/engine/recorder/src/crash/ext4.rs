//! The rules of ext4 with `data=ordered` and delayed allocation, its defaults.
//!
//! The journal is written up to some time. A write that makes a file larger is visible only if the
//! journal has its size, and the size enters the journal when the new blocks are written. So new
//! blocks survive up to a time that is not above that of the journal, in order. The documentation
//! of `data=ordered`, `delalloc` and `auto_da_alloc` is in `Documentation/admin-guide/ext4.rst` of
//! Linux.

use std::collections::{BTreeMap, BTreeSet};

use super::after::{Dirty, built};
use super::survival::{About, Survival};
use super::{History, SECTOR};
use crate::contents::Contents;
use crate::journal::{Change, NodeId, Time};

/// The unit of allocation in bytes.
const BLOCK: u64 = 4096;

/// Sectors in a block.
const SECTORS: u64 = BLOCK / SECTOR as u64;

/// Chooses the time up to which the journal is written. Every sync is taken to commit it, although
/// a sync of a file that only overwrote its blocks does not.
pub(super) fn committed(history: &History<'_>, survival: &Survival) -> Time {
    let commits = |change: &Change| matches!(change, Change::Sync { .. } | Change::SyncAll);
    let last = history.events().rev().find(|(_, change)| commits(change));
    let lower = last.map_or(0, |(time, _)| time);
    let open: Vec<Time> = (lower + 1..=history.events.len()).collect();
    survival.choose(About::Journal, lower, &open)
}

/// The contents of a file.
pub(super) fn contents(
    history: &History<'_>,
    file: NodeId,
    times: &[Time],
    committed: Time,
    survival: &Survival,
) -> Contents {
    let change = |time: Time| &history.events[time - 1].change;
    let dirty = Dirty::of(history, file, times);
    // What was written after a change of size that is lost cannot have reached the file.
    let resized = |time: &&Time| matches!(change(**time), Change::Resize { .. });
    let upper = times.iter().filter(resized).find(|time| **time > committed);
    let upper = upper.map_or(Time::MAX, |time| time - 1);
    // A file that replaces another one was written before that was committed.
    let replaces = |time: &&Time| {
        let replaces = matches!(
            change(**time),
            Change::Rename { replaced: true, .. } | Change::Rewritten { .. }
        );
        replaces && **time <= committed
    };
    let flushed = times.iter().copied().rfind(|time| replaces(&time)).unwrap_or(0);
    let lower = flushed.max(dirty.synced);

    let is_write = |time: &Time| matches!(change(*time), Change::Write { .. });
    let extents: Vec<Time> = times
        .iter()
        .copied()
        .filter(|time| is_write(time) && *time > lower && *time <= upper.min(committed))
        .collect();
    let extent = survival.choose(About::Extent(file), lower, &extents);
    let resizes = |time: Time| match change(time) {
        Change::Resize { .. } => time <= committed,
        _ => time <= extent,
    };

    let (allocated, size) = durable(history, file, times, dirty.synced);
    let mut cuts = BTreeMap::new();
    // New blocks below the durable size, whose sectors survive together.
    let mut holes: BTreeMap<u64, BTreeSet<Time>> = BTreeMap::new();
    for (sector, times) in &dirty.sectors {
        let block = sector / SECTORS;
        let before = (times[0] - 1).max(flushed);
        let open: Vec<Time> =
            times.iter().copied().filter(|time| *time > before && *time <= upper).collect();
        if allocated.contains(&block) {
            let about = About::Sector(file, *sector);
            cuts.insert(*sector, survival.choose(about, before, &open));
        } else if block * BLOCK >= size {
            cuts.insert(*sector, extent);
        } else {
            holes.entry(block).or_default().extend(open);
        }
    }
    for (block, times) in holes {
        let times: Vec<Time> = times.into_iter().collect();
        let cut = survival.choose(About::Block(file, block), lower, &times);
        let sectors = block * SECTORS..(block + 1) * SECTORS;
        cuts.extend(sectors.map(|sector| (sector, cut)));
    }
    built(history, file, times, &cuts, resizes)
}

/// The blocks that the file had at its last sync, and its size then.
fn durable(
    history: &History<'_>,
    file: NodeId,
    times: &[Time],
    synced: Time,
) -> (BTreeSet<u64>, u64) {
    let base = if file < history.base.count() { history.base.contents(file) } else { None };
    let mut size = base.map_or(0, Contents::size);
    let mut blocks: BTreeSet<u64> = (0..size.div_ceil(BLOCK)).collect();
    for time in times.iter().take_while(|time| **time <= synced) {
        match &history.events[*time - 1].change {
            Change::Write { offset, bytes, .. } if !bytes.is_empty() => {
                let end = offset + bytes.len() as u64;
                blocks.extend(offset / BLOCK..end.div_ceil(BLOCK));
                size = size.max(end);
            }
            Change::Resize { size: new, .. } => {
                blocks.split_off(&new.div_ceil(BLOCK));
                size = *new;
            }
            _ => {}
        }
    }
    (blocks, size)
}
