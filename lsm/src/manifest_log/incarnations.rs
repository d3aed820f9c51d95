//! Which entries still hold, when the log is read from its end to its beginning.
//!
//! The address of a table that is gone is another one's later on. So a table is a range of entries of its
//! address: from an insert to a remove, of which the beginning may have been compacted.
//!
//! ```text
//! oldest                                                        newest
//! [update 7] [remove 7]   [insert 7] [update 7] [remove 7]   [insert 7] [update 7]
//!    gone      gone          gone      gone       gone         passed     live
//! ```
//!
//! - From its end on, the first entry of an address that is not before a remove of it is the live one.
//! - Before an insert of an address there can only be a remove, and behind a remove only an insert.
//!
//! What this does not do: it does not know where the entries are.

use super::entry::LogEvent;
use crate::block::Reason;
use crate::grid::free_set::BlockSet;

/// What an entry is, given those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The newest version of a table.
    Live,
    /// Another version of a table, live or gone.
    Older,
    /// The beginning of a table that is gone.
    Cancelled,
    /// The end of a table.
    Removed,
}

/// What the entries so far said of each address.
#[derive(Debug)]
pub(super) struct Incarnations {
    word_count: usize,
    /// Tables whose end was seen, and not their beginning.
    removed: BlockSet,
    /// Tables whose beginning was seen, and no other one of the same address before it.
    begun: BlockSet,
}

impl Incarnations {
    /// Nothing is known of any of this many addresses.
    pub(super) fn new(block_count: u64) -> Self {
        let word_count = block_count.div_ceil(u64::BITS.into()) as usize;
        Self { word_count, removed: BlockSet::new(word_count), begun: BlockSet::new(word_count) }
    }

    /// Forgets everything, in time in proportion to the addresses.
    pub(super) fn clear(&mut self) {
        self.removed.clear(self.word_count);
        self.begun.clear(self.word_count);
    }

    /// Takes the entry that stands before all those that were taken. `is_live` says whether one of them was the
    /// newest version of this address.
    ///
    /// # Errors
    ///
    /// If the log cannot have been written so.
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

    /// The verdicts on these events of one address, the oldest first.
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
    fn of_each_table_the_newest_version_is_live_unless_it_was_removed() {
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
    fn what_cannot_have_been_written_is_refused() {
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
