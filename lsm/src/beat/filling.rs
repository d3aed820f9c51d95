//! How full a store is, and whether beats may make room.

use std::fmt;

use super::room::Room;
use super::scheduler::Scheduler;
use super::trees::Trees;
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;

/// After so many bars that merge nothing, later bars merge nothing either: the first of them frees
/// the blocks that earlier bars released, and the blocks that the last two checkpoints took are
/// free for the second. The log may still get shorter after that, if all entries of its oldest
/// blocks are live; this is not waited for.
const IDLE_BARS: u32 = 2;

/// Which writes a store accepts. Decided at the end of each bar, for the next bar.
///
/// If the device is too small for a reserve, only the numbers of tables decide, and a beat can fail
/// because the device is full, without a signal before; see
/// [`StoreOptions::has_reserve`](crate::store::StoreOptions::has_reserve).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fullness {
    /// There is room for more records.
    #[default]
    HasRoom,
    /// Puts and removals are accepted, but puts may be refused soon. Each bar now takes a
    /// checkpoint, and also merges tables that need not be merged yet, so beats are slower.
    NearlyFull,
    /// Removals are accepted. Puts are accepted once beats have made room.
    FullForPuts,
    /// Puts and removals are accepted once beats have made room.
    FullForAll,
}

impl Fullness {
    /// Whether puts are accepted.
    #[must_use]
    #[inline]
    pub fn accepts_puts(self) -> bool {
        self < Self::FullForPuts
    }

    /// Whether removals are accepted.
    #[must_use]
    #[inline]
    pub fn accepts_removals(self) -> bool {
        self < Self::FullForAll
    }
}

impl fmt::Display for Fullness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::HasRoom => "there is room",
            Self::NearlyFull => "nearly full",
            Self::FullForPuts => "full for puts",
            Self::FullForAll => "full for puts and removals",
        })
    }
}

/// Which writes a bar accepts, and what the bars before it did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filling {
    fullness: Fullness,
    /// Whether this bar merges or moves tables.
    has_planned: bool,
    /// How many bars in a row merged and moved nothing, left no records to be flushed, and did not
    /// make the log shorter than it was, since the store was this full.
    idle_bars: u32,
    /// The number of blocks of the log at the end of the last bar that was not idle.
    log_blocks: Option<u64>,
}

impl Filling {
    pub(super) fn fullness(&self) -> Fullness {
        self.fullness
    }

    /// Notes that a half-bar merges or moves tables, if it does.
    pub(super) fn planned(&mut self, has_planned: bool) {
        self.has_planned |= has_planned;
    }

    /// Notes that a bar ended, whether records wait to be flushed, and how many blocks the log has.
    pub(super) fn bar_ended(&mut self, has_waiting: bool, log_blocks: u64) {
        let has_planned = std::mem::take(&mut self.has_planned);
        let is_shorter = self.log_blocks.is_none_or(|before| log_blocks < before);
        if has_planned || has_waiting || is_shorter {
            (self.idle_bars, self.log_blocks) = (0, Some(log_blocks));
        } else {
            self.idle_bars = self.idle_bars.saturating_add(1);
        }
    }

    fn set(&mut self, fullness: Fullness) {
        if fullness != self.fullness {
            self.idle_bars = 0;
        }
        self.fullness = fullness;
    }
}

impl Scheduler {
    /// Decides which writes the bar that begins accepts. Called at the end of each bar, and when
    /// the trees were opened.
    pub(crate) fn measure<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) {
        self.filling.set(Room::fullness(self.has_reserve, trees, log, grid));
    }

    /// Returns which writes this bar accepts.
    pub(crate) fn fullness(&self) -> Fullness {
        self.filling.fullness()
    }

    /// Returns whether the planned blocks are enough for a reserve; see [`Grid::planned`].
    pub(crate) fn has_reserve(&self) -> bool {
        self.has_reserve
    }

    /// Returns whether all blocks are enough for a reserve.
    pub(crate) fn has_reserve_with_all_blocks(&self) -> bool {
        self.has_reserve_with_all_blocks
    }

    /// Returns how many of the next `count` beats accept puts for certain, if the next beat does.
    /// At least as many as this bar has left.
    pub(crate) fn beats_for_puts<S: Storage>(
        &self,
        count: u64,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> u64 {
        let mut beats = self.bars.last_of_bar(self.beat + 1) - self.beat;
        let mut bars = 1;
        while beats < count && Room::fits_ahead(bars, trees, log, grid) {
            beats += self.bars.beats_per_bar();
            bars += 1;
        }
        beats.min(count)
    }

    /// Returns whether beats may make room although nothing was written in this bar.
    pub(crate) fn may_gain_room(&self) -> bool {
        self.filling.idle_bars < IDLE_BARS
    }
}
