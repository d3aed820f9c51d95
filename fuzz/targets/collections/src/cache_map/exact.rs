//! Compares the maps with the reference, entry by entry. The cache, the stash and the statistics
//! must be as designed, even where the contract of the map leaves them open.

use downbeat_lsm::collections::StashEntry;

use super::compare::{Answer, Call};
use super::events;
use super::tested::{Record, Tested};
use downbeat::Checked;
use downbeat::check::holds;
use downbeat_model::cache_map::reference::{Facts, Known};

impl Tested {
    /// Checks that an answer is the reference's. Unlike the model, the reference knows whether a
    /// value from before the last compaction is still there.
    #[inline]
    pub(super) fn check_exact(&mut self, call: Call, key: u64, got: Answer) -> Checked {
        let expected = match self.reference.read(key) {
            Known::Value(stamp) => Answer::Value(Record { key, stamp }),
            Known::Removed if call == Call::Get && got == Answer::Absent => Answer::Absent,
            Known::Removed => Answer::Removed,
            Known::Absent => Answer::Absent,
        };
        holds("answer-is-as-designed", expected == got)
            .show(|| (expected.text(), got.text()))
            .state(|| self.side.state())
            .or("the map keeps or loses an older value, unlike the design")
    }

    /// Checks that the cache holds the right entries, each in its slot.
    pub(super) fn check_slots(&self) -> Checked {
        let got = || self.map.slots().map(|record| (record.key, record.stamp));
        let text = |slots: &mut dyn Iterator<Item = (u64, u64)>| {
            let slots: Vec<String> =
                slots.map(|(key, stamp)| format!("{key:#x} #{stamp}")).collect();
            format!("[{}]", slots.join(", "))
        };
        holds("cache-is-as-designed", got().eq(self.reference.slots()))
            .show(|| (text(&mut self.reference.slots()), text(&mut got())))
            .state(|| self.side.state())
            .or("the entries of the cache or their slots differ from the design")
    }

    /// Checks that the stash holds the right entries.
    pub(super) fn check_stash(&self) -> Checked {
        let Tested { side, map, reference } = self;
        let got = || {
            map.stash().map(|entry| match entry {
                StashEntry::Live(record) => (record.key, Some(record.stamp)),
                StashEntry::Removed(key) => (key, None),
            })
        };
        let text = |mut entries: Vec<(u64, Option<u64>)>| {
            entries.sort_unstable();
            let texts = entries.iter().map(|(key, stamp)| match stamp {
                Some(stamp) => format!("{key:#x} #{stamp}"),
                None => format!("{key:#x} removed"),
            });
            format!("[{}]", texts.collect::<Vec<_>>().join(", "))
        };
        let is_same = map.stash_len() == reference.stash_len()
            && got().all(|(key, stamp)| reference.stashed(key) == Some(stamp));
        holds("stash-is-as-designed", is_same)
            .show(|| (text(reference.stash().collect()), text(got().collect())))
            .state(|| side.state())
            .or("the entries of the stash differ from the design")
    }

    /// Checks each statistic.
    pub(super) fn check_statistics(&self) -> Checked {
        let got: Facts = *events::facts(self.map.statistics()).counts();
        for (fact, (expected, got)) in self.reference.facts().iter().zip(got).enumerate() {
            holds("statistics-count-what-happened", got == *expected)
                .show(|| (format!("{expected} of \"{}\"", events::NAMES[fact]), got))
                .state(|| self.side.state())
                .or("a statistic does not count how often its event happened")?;
        }
        Ok(())
    }
}
