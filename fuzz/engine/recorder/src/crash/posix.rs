//! The rules of POSIX: sectors, sizes and names survive each on its own.

use std::collections::BTreeMap;

use super::History;
use super::after::{Dirty, built};
use super::survival::{About, Survival};
use crate::contents::Contents;
use crate::journal::{Change, Entry, NodeId, Time};

/// The changes of names that do not survive.
#[derive(Debug)]
pub(super) struct Lost(std::collections::BTreeSet<Time>);

impl Lost {
    pub(super) fn survives(&self, time: Time) -> bool {
        !self.0.contains(&time)
    }
}

/// Names between which something was renamed. They survive up to the same time.
#[derive(Debug, Default)]
struct Group {
    /// The times of all changes.
    times: Vec<Time>,
    /// The last change that is durable.
    durable: Time,
}

/// Chooses which changes of names survive. A sync of a directory makes the changes of its names
/// durable; a rename is durable if one of its directories was synced.
pub(super) fn names(history: &History<'_>, survival: &Survival) -> Lost {
    let mut group_of: BTreeMap<&Entry, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    // The last change in each directory, by group.
    let mut dirty: BTreeMap<NodeId, BTreeMap<usize, Time>> = BTreeMap::new();
    for (time, change) in history.events() {
        let entries: &[&Entry] = match change {
            Change::Link { entry, .. } | Change::Unlink { entry } => &[entry],
            Change::Rename { from, to, .. } => &[from, to],
            Change::Sync { node } => {
                for (group, time) in dirty.remove(node).unwrap_or_default() {
                    groups[group].durable = groups[group].durable.max(time);
                }
                continue;
            }
            Change::SyncAll => {
                for (group, time) in std::mem::take(&mut dirty).into_values().flatten() {
                    groups[group].durable = groups[group].durable.max(time);
                }
                continue;
            }
            _ => continue,
        };
        let known: Vec<usize> =
            entries.iter().filter_map(|entry| group_of.get(entry).copied()).collect();
        let group = known.first().copied().unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        if let Some(other) = known.get(1).copied().filter(|other| *other != group) {
            join(&mut groups, &mut group_of, &mut dirty, group, other);
        }
        for entry in entries {
            group_of.insert(entry, group);
            dirty.entry(entry.directory).or_default().insert(group, time);
        }
        groups[group].times.push(time);
    }
    let lost = groups.iter().flat_map(|group| {
        let open = group.times.iter().copied().filter(|time| *time > group.durable);
        let open: Vec<Time> = open.collect();
        let about = About::Names(group.times.first().copied().unwrap_or(0));
        let cut = survival.choose(about, group.durable, &open);
        open.into_iter().filter(move |time| *time > cut)
    });
    Lost(lost.collect())
}

/// Makes the group `other` a part of `group`.
fn join(
    groups: &mut [Group],
    group_of: &mut BTreeMap<&Entry, usize>,
    dirty: &mut BTreeMap<NodeId, BTreeMap<usize, Time>>,
    group: usize,
    other: usize,
) {
    let Group { times, durable } = std::mem::take(&mut groups[other]);
    groups[group].times.extend(times);
    groups[group].times.sort_unstable();
    groups[group].durable = groups[group].durable.max(durable);
    group_of.values_mut().filter(|place| **place == other).for_each(|place| *place = group);
    for changes in dirty.values_mut() {
        if let Some(time) = changes.remove(&other) {
            let last = changes.entry(group).or_default();
            *last = time.max(*last);
        }
    }
}

/// The contents of a file: each sector and the size from some time after the last sync.
pub(super) fn contents(
    history: &History<'_>,
    file: NodeId,
    times: &[Time],
    survival: &Survival,
) -> Contents {
    let dirty = Dirty::of(history, file, times);
    let cuts = dirty
        .sectors
        .iter()
        .map(|(sector, times)| {
            let about = About::Sector(file, *sector);
            (*sector, survival.choose(about, times[0] - 1, times))
        })
        .collect();
    let size = survival.choose(About::Size(file), dirty.synced, &dirty.sizes);
    built(history, file, times, &cuts, |time| time <= size)
}
