//! Decides which entries are live, while the log is read from its newest to its oldest entry.
//!
//! After a table is removed, another table can get its address. So the entries of one address can
//! belong to several tables. Among the entries of one address, those of one table are consecutive:
//! its insert, its updates, and its remove if it was removed. Compaction may have dropped the
//! oldest of them.
//!
//! ```text
//! oldest                                                        newest
//! [update 7] [remove 7]   [insert 7] [update 7] [remove 7]   [insert 7] [update 7]
//!   Older     Removed     Cancelled    Older     Removed       Older       Live
//! ```
//!
//! - The newest entry of an address is live, unless it is a remove.
//! - In the log, the entry of an address directly before an insert is a remove, and the one
//!   directly after a remove is an insert.

use super::entry::LogEvent;
use crate::block::Reason;
use crate::grid::free_set::BlockSet;

/// What an entry means, given the newer entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The newest version of a live table.
    Live,
    /// An older version of a table. The table is live or was removed.
    Older,
    /// The insert of a table that was removed.
    Cancelled,
    /// The remove of a table.
    Removed,
}

/// What the entries read so far say about each address.
#[derive(Debug)]
pub(super) struct Incarnations {
    word_count: usize,
    /// Addresses with a remove whose insert has not been read yet.
    removed: BlockSet,
    /// Addresses whose oldest entry read so far is an insert.
    begun: BlockSet,
}

impl Incarnations {
    /// Creates the state before any entry is read. Addresses are from 1 to `block_count`.
    pub(super) fn new(block_count: u64) -> Self {
        let word_count = block_count.div_ceil(u64::BITS.into()) as usize;
        Self { word_count, removed: BlockSet::new(word_count), begun: BlockSet::new(word_count) }
    }

    /// Forgets all entries, in time proportional to the number of addresses.
    pub(super) fn clear(&mut self) {
        self.removed.clear(self.word_count);
        self.begun.clear(self.word_count);
    }

    /// Takes the next older entry. `is_live` says whether a newer entry of this address is live.
    ///
    /// # Errors
    ///
    /// If the log never writes entries in this order.
    pub(super) fn take(
        &mut self,
        address: u64,
        event: LogEvent,
        is_live: bool,
    ) -> Result<Verdict, Reason> {
        let block = (address - 1) as usize;
        let (removed, begun) = (self.removed.contains(block), self.begun.contains(block));
        match event {
            LogEvent::Remove if removed => {
                Err(Reason::Meaning("a table of the log is removed twice"))
            }
            LogEvent::Remove if is_live && !begun => {
                Err(Reason::Meaning("a table of the log is changed after it was removed"))
            }
            LogEvent::Insert | LogEvent::Update if begun => {
                Err(Reason::Meaning("two tables of the log have the same address"))
            }
            LogEvent::Remove => {
                if begun {
                    self.begun.remove(block);
                }
                self.removed.insert(block);
                Ok(Verdict::Removed)
            }
            LogEvent::Insert => {
                self.begun.insert(block);
                if removed {
                    self.removed.remove(block);
                    return Ok(Verdict::Cancelled);
                }
                Ok(if is_live { Verdict::Older } else { Verdict::Live })
            }
            LogEvent::Update if removed || is_live => Ok(Verdict::Older),
            LogEvent::Update => Ok(Verdict::Live),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogEvent::{Insert, Remove, Update};

    /// The verdicts on these events of one address, oldest first.
    fn verdicts(events: &[LogEvent]) -> Result<Vec<Verdict>, Reason> {
        let mut incarnations = Incarnations::new(70);
        let mut is_live = false;
        let mut verdicts = Vec::new();
        for event in events.iter().rev() {
            let verdict = incarnations.take(65, *event, is_live)?;
            is_live |= verdict == Verdict::Live;
            verdicts.insert(0, verdict);
        }
        incarnations.clear();
        assert_eq!((incarnations.removed.count(), incarnations.begun.count()), (0, 0));
        Ok(verdicts)
    }

    #[test]
    fn the_newest_version_of_each_table_is_live_unless_it_was_removed() {
        use Verdict::{Cancelled, Live, Older, Removed};
        let known: [(&[LogEvent], &[Verdict]); 8] = [
            (&[Insert], &[Live]),
            (&[Update], &[Live]),
            (&[Insert, Update, Update], &[Older, Older, Live]),
            (&[Remove], &[Removed]),
            (&[Insert, Remove], &[Cancelled, Removed]),
            (&[Update, Update, Remove], &[Older, Older, Removed]),
            (&[Remove, Insert, Update], &[Removed, Older, Live]),
            (
                &[Update, Remove, Insert, Update, Remove, Insert],
                &[Older, Removed, Cancelled, Older, Removed, Live],
            ),
        ];
        for (events, verdict) in known {
            assert_eq!(verdicts(events).as_deref(), Ok(verdict), "{events:?}");
        }
    }

    #[test]
    fn sequences_of_entries_that_are_never_written_are_refused() {
        for events in [
            [Remove, Remove, Insert].as_slice(),
            &[Remove, Update],
            &[Insert, Insert],
            &[Insert, Update, Insert],
            &[Update, Insert],
            &[Update, Insert, Remove],
            &[Remove, Update, Remove],
        ] {
            assert!(verdicts(events).is_err(), "{events:?}");
        }
    }
}
