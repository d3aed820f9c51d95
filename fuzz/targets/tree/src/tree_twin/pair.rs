//! A store with its model, and its twin.

use downbeat_lsm::block::{BODY_OFFSET, BlockReference, open};
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::grid::Grid;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::store::{Store, StoreError};

use crate::tree::beats::{Beaten, end_beat};
use crate::tree::faults::allow_in_flight;
use crate::tree::history::{Deed, Ended};
use crate::tree::reads::record_of;
use crate::tree::tested::{Tested, new_store};
use downbeat::check::{fail, holds, same};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat::{Checked, Divergence, Run};
use downbeat_model::tree::{AHEAD, CACHE, IN_FLIGHT, ORDER, Operation};

/// A store with its model, and its twin.
pub(super) struct Pair<R: Versioned> {
    pub(super) first: Tested<R>,
    pub(super) twin: Store<R, SimulatedDisk>,
    /// A buffer for the calls that the twin repeats.
    deeds: Vec<Deed>,
}

impl<R: Versioned> Pair<R> {
    pub(super) fn new(geometry: &Header) -> Self {
        let mut first = Tested::<R>::new(geometry);
        first.history = Some(Vec::new());
        let mut other = *geometry;
        for setting in [CACHE, AHEAD, IN_FLIGHT] {
            let count = Operation::SETTINGS[setting].choices.count();
            other.choose(Operation::SETTINGS, setting, (geometry.index(setting) + 1) % count);
        }
        Pair { first, twin: new_store::<R>(&other), deeds: Vec::new() }
    }

    /// Formats the twin, whose I/Os complete in another order than those of the first store.
    pub(super) fn open_twin(&mut self, header: &Header) -> Checked {
        let order = Order::ALL[(header.index(ORDER) + 1) % Order::ALL.len()];
        let options = *self.twin.options();
        let disk = self.twin.by_hand().grid_mut().storage_mut();
        disk.set_order(order);
        allow_in_flight(disk, &options);
        let formatted = self.twin.format_again(7);
        self.twin.by_hand().grid_mut().storage_mut().settle();
        formatted.map_err(fails)
    }

    /// Repeats the new calls of the first store's history on the twin.
    pub(super) fn follow(&mut self, run: &mut Run) -> Checked {
        let mut deeds = std::mem::take(&mut self.deeds);
        let history = self.first.history.as_mut().expect("the first has a history");
        std::mem::swap(history, &mut deeds);
        for deed in &deeds {
            run.step();
            self.does(*deed)?;
        }
        deeds.clear();
        self.deeds = deeds;
        Ok(())
    }

    fn does(&mut self, deed: Deed) -> Checked {
        let twin = &mut self.twin;
        match deed {
            Deed::Put { key, stamp } => twin.put(&record_of(key, stamp)).map_err(fails)?,
            Deed::Remove { key } => twin.remove(R::wide(key)).map_err(fails)?,
            Deed::Open => twin.scope_open(),
            Deed::Close(outcome) => twin.scope_close(outcome),
            Deed::Want => drop(twin.by_hand().checkpoint_want()),
            Deed::Beat(pace, expected) => {
                let got = self.beat(pace)?;
                same("beats-end-alike", expected, got)
                    .or("a beat ends in different ways in the two stores")?;
                if matches!(got, Ended::WithCheckpoint(_)) {
                    self.twin.by_hand().grid_mut().storage_mut().settle();
                }
            }
            Deed::Checkpoint(expected) => {
                let trigger = twin.by_hand().checkpoint_want();
                let mut got = Ended::Plainly;
                while self.twin.beat_number() < trigger && got != Ended::Full {
                    got = self.beat(CompactionPace::EVEN)?;
                }
                same("beats-end-alike", expected, got)
                    .or("a checkpoint ends in different ways in the two stores")?;
                self.twin.by_hand().grid_mut().storage_mut().settle();
            }
            Deed::Format(number) => {
                twin.by_hand().grid_mut().storage_mut().restart();
                twin.format_again(number).map_err(fails)?;
                twin.by_hand().grid_mut().storage_mut().settle();
            }
            Deed::Reopen => {
                twin.by_hand().grid_mut().storage_mut().restart();
                twin.open_again().map_err(fails)?;
            }
        }
        Ok(())
    }

    fn beat(&mut self, pace: CompactionPace) -> Checked<Ended> {
        if self.twin.by_hand().beat_begin_at(pace).is_err() {
            return Ok(Ended::Full);
        }
        match end_beat(&mut self.twin, |_| true) {
            Beaten::Ended(Ok(None)) => Ok(Ended::Plainly),
            Beaten::Ended(Ok(Some(_))) => {
                Ok(Ended::WithCheckpoint(self.twin.superblock().working().state()))
            }
            Beaten::Ended(Err(_)) => Ok(Ended::Full),
            Beaten::Left | Beaten::Hangs => {
                Err(fail("waiting-ends", "an end", "none")
                    .saying("a beat of the twin does not end"))
            }
        }
    }

    /// Checks that both stores use the same blocks, and that these have the same bytes.
    pub(super) fn compare_devices(&self) -> Checked {
        let grids = [self.first.store.grid(), self.twin.grid()];
        let layout = grids[0].layout();
        let mut bytes = [vec![0; layout.block_size()], vec![0; layout.block_size()]];
        let mut in_use = grids.map(|grid| grid.free_set().in_use());
        loop {
            let next = in_use.each_mut().map(Iterator::next);
            let text = |block: Option<(u64, BlockState)>| {
                block.map_or("no more".to_owned(), |(address, it)| format!("{address}: {it:?}"))
            };
            holds("blocks-are-used-alike", next[0] == next[1])
                .show(|| (text(next[0]), text(next[1])))
                .or("the blocks of the twin or their states differ from the first store's")?;
            let Some((address, state)) = next[0] else { break };
            if state != BlockState::Acquired {
                continue;
            }
            for (grid, bytes) in grids.iter().zip(&mut bytes) {
                let image = grid.storage().image();
                image.read_undamaged(layout.block(address).offset, bytes);
            }
            // The space after the body may still have bytes of an earlier, longer block.
            let [one, other] = [0, 1].map(|it| block(&bytes[it], address, layout.sector_size()));
            let name = |bytes: &[u8]| format!("{:x?}", &bytes[..64]);
            holds("bytes-are-the-same", one.is_some() && one == other)
                .show(|| (format!("block {address}: {}", name(&bytes[0])), name(&bytes[1])))
                .or("the bytes of a block differ between the two stores")?;
        }
        let trailers = grids.map(Grid::trailer_blocks);
        let headers = [self.first.store.superblock(), self.twin.superblock()]
            .map(|it| (it.working().checksum(), it.working().sequence(), it.working().state()));
        let are_same = headers[0] == headers[1] && trailers[0] == trailers[1];
        holds("bytes-are-the-same", are_same)
            .show(|| (format!("{:?}", headers[0]), format!("{:?}", headers[1])))
            .or("the superblock or the free set of the twin differs")
    }
}

/// The header and the body of a block; `None` if the block is damaged.
fn block(bytes: &[u8], address: u64, sector_size: usize) -> Option<&[u8]> {
    let (checksum, _) = bytes.split_first_chunk()?;
    let reference = BlockReference { checksum: u128::from_le_bytes(*checksum), address };
    let block = open(bytes, reference, sector_size).ok()?;
    Some(&bytes[..BODY_OFFSET + block.body.len()])
}

/// The divergence for a call that failed on the twin but not on the first store.
#[cold]
fn fails(error: StoreError) -> Divergence {
    fail("nothing-fails", "success", error).saying("a call on the twin fails")
}
