//! What a crash may lose.
//!
//! Everything that was synced before the crash is there afterwards. Of the rest, a [`Crash`]
//! chooses what survives, within a set of [`Rules`]. Data survives by sectors of [`SECTOR`] bytes:
//! a sector has what it held after some write to it, not before its last sync.
//!
//! Both sets leave out what no file system does to whole calls: a rename within the record happens
//! whole or not at all, and bytes that were never written are zero.

mod after;
mod ext4;
mod posix;
mod survival;

use std::collections::BTreeMap;

use crate::contents::Contents;
use crate::image::Image;
use crate::journal::{Change, Entry, Event, Name, NodeId, Time};
use crate::live::{Live, Node};
use survival::Survival;

/// The unit in which data survives, in bytes.
pub const SECTOR: usize = 512;

/// A set of rules about what a crash may lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// What POSIX allows, which says nothing of what was not synced. A sync of a file makes its
    /// data and size durable, but not its name, which needs a sync of its directory. Sectors, sizes
    /// and names survive each on its own.
    Posix,
    /// What ext4 does with `data=ordered`, its default. Sizes set by calls and names go through one
    /// journal, so they survive in order, and any sync commits all of them up to then. New blocks
    /// are written before the size that makes them visible. A file that is renamed over another
    /// one, or closed after it was cut to nothing, is written before that is committed. Overwritten
    /// sectors survive each on its own.
    Ext4Ordered,
}

/// A crash: the rules, and the number that chooses among what they allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// The rules.
    pub rules: Rules,
    /// Chooses what survives. Numbers from 0 to 5 choose kinds that are worth trying first: 0
    /// nothing that need not, 1 everything, 2 what was done up to some point, 3 little, 4 most, 5
    /// half. Other numbers choose the same kinds by their remainder, and other parts.
    pub seed: u64,
}

/// What happened up to the crash.
struct History<'j> {
    events: &'j [Event],
    /// The files and directories before the first event.
    base: &'j Live,
}

impl<'j> History<'j> {
    fn events(&self) -> impl DoubleEndedIterator<Item = (Time, &'j Change)> {
        self.events.iter().enumerate().map(|(place, event)| (place + 1, &event.change))
    }

    /// The times of the events about the data of each file.
    fn files(&self) -> BTreeMap<NodeId, Vec<Time>> {
        let mut files: BTreeMap<NodeId, Vec<Time>> = BTreeMap::new();
        for (time, change) in self.events() {
            match (change, change.file()) {
                (Change::SyncAll, _) => files.values_mut().for_each(|times| times.push(time)),
                (_, Some(file)) => files.entry(file).or_default().push(time),
                (_, None) => {}
            }
        }
        files
    }
}

/// The image that a crash leaves after `events`, from the state `base`.
pub(crate) fn image(base: &Live, events: &[Event], live: &Live, crash: Crash) -> Image {
    let history = History { events, base };
    let survival = Survival::new(crash.seed, events.len());
    match crash.rules {
        Rules::Posix => {
            let names = posix::names(&history, &survival);
            build(
                &history,
                live,
                |time| names.survives(time),
                |file, times| posix::contents(&history, file, times, &survival),
            )
        }
        Rules::Ext4Ordered => {
            let committed = ext4::committed(&history, &survival);
            build(
                &history,
                live,
                |time| time <= committed,
                |file, times| ext4::contents(&history, file, times, committed, &survival),
            )
        }
    }
}

type Directories = BTreeMap<NodeId, BTreeMap<Name, NodeId>>;

fn entries_of<'d>(
    directories: &'d mut Directories,
    entry: &Entry,
) -> &'d mut BTreeMap<Name, NodeId> {
    directories.entry(entry.directory).or_default()
}

/// Builds an image from the changes of names that survive, and the contents of files.
fn build(
    history: &History<'_>,
    live: &Live,
    survives: impl Fn(Time) -> bool,
    contents: impl Fn(NodeId, &[Time]) -> Contents,
) -> Image {
    let mut directories = Directories::new();
    for id in 0..live.count() {
        if let Node::Directory(_) = live.node(id) {
            let before = if id < history.base.count() { history.base.entries(id) } else { None };
            directories.insert(id, before.cloned().unwrap_or_default());
        }
    }
    let changes = history.events().filter(|(time, _)| survives(*time));
    for (_, change) in changes {
        match change {
            Change::Unlink { entry } => {
                entries_of(&mut directories, entry).remove(&entry.name);
            }
            Change::Link { entry, node } => {
                entries_of(&mut directories, entry).insert(entry.name.clone(), *node);
            }
            Change::Rename { from, to, node, .. } => {
                entries_of(&mut directories, from).remove(&from.name);
                entries_of(&mut directories, to).insert(to.name.clone(), *node);
            }
            _ => {}
        }
    }
    let times = history.files();
    let mut files = BTreeMap::new();
    for node in directories.values().flat_map(BTreeMap::values) {
        if live.contents(*node).is_some() && !files.contains_key(node) {
            let times = times.get(node).map_or(&[][..], |times| times);
            files.insert(*node, contents(*node, times));
        }
    }
    Image { directories, files }
}
