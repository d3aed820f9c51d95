//! Appends an entry to the manifest log for each change of a tree's tables.

use crate::grid::Grid;
use crate::manifest::{Journal, TableInfo, TableKey};
use crate::manifest_log::{LogEntry, LogEvent, ManifestLog};
use crate::record::Key;
use crate::storage::Storage;

/// The journal of one tree; see the [module](self).
pub(super) struct LogJournal<'a, S> {
    tree: u16,
    log: &'a mut ManifestLog,
    grid: &'a mut Grid<S>,
}

impl<'a, S: Storage> LogJournal<'a, S> {
    pub(super) fn new(tree: u16, log: &'a mut ManifestLog, grid: &'a mut Grid<S>) -> Self {
        Self { tree, log, grid }
    }

    fn append<K: Key>(&mut self, level: u32, event: LogEvent, table: &TableInfo<K>) {
        let entry = LogEntry::new(self.tree, level as u8, event, table);
        self.log.append(self.grid, &entry);
    }
}

impl<K: Key + TableKey, S: Storage> Journal<K> for LogJournal<'_, S> {
    fn inserted(&mut self, level: u32, table: &TableInfo<K>) {
        self.append(level, LogEvent::Insert, table);
    }

    fn updated(&mut self, level: u32, table: &TableInfo<K>) {
        self.append(level, LogEvent::Update, table);
    }

    fn removed(&mut self, level: u32, table: &TableInfo<K>) {
        self.append(level, LogEvent::Remove, table);
    }
}
