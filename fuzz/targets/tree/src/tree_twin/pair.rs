//! A store with its model, and its twin.

use downbeat_lsm::block::{BODY_OFFSET, BlockReference, open};
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::BeatProgress;
use downbeat_lsm::grid::Grid;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::store::{Store, StoreError};

use crate::tree::history::{Deed, Ended};
use crate::tree::reads::record_of;
use crate::tree::tested::{Tested, new_store};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::tree::{AHEAD, CACHE, IN_FLIGHT, ORDER, Operation};
use downbeat::records::Versioned;
use downbeat::run::Run;

/// More I/Os than a beat can take.
const BOUND: u64 = 1 << 14;

/// A store with its model, and its twin.
pub(super) struct Pair<R: Versioned> {
    pub(super) first: Tested<R>,
    pub(super) twin: Store<R, SimulatedDisk>,
    /// What the twin is still to do.
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

    /// Formats the twin, whose I/Os complete in another order than those of the first.
    pub(super) fn open_twin(&mut self, header: &Header) -> Result<(), Divergence> {
        let order = Order::ALL[(header.index(ORDER) + 1) % Order::ALL.len()];
        self.twin.by_hand().grid_mut().storage_mut().set_order(order);
        let formatted = self.twin.format_again(7);
        self.twin.by_hand().grid_mut().storage_mut().settle();
        formatted.map_err(|error| fails(&error))
    }

    /// The twin does what was done to the first.
    pub(super) fn follow(&mut self, run: &mut Run) -> Result<(), Divergence> {
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

    fn does(&mut self, deed: Deed) -> Result<(), Divergence> {
        match deed {
            Deed::Put { key, stamp } => {
                self.twin.put(&record_of(key, stamp)).map_err(|error| fails(&error))
            }
            Deed::Remove { key } => self.twin.remove(R::wide(key)).map_err(|error| fails(&error)),
            Deed::Open => {
                self.twin.scope_open();
                Ok(())
            }
            Deed::Close(outcome) => {
                self.twin.scope_close(outcome);
                Ok(())
            }
            Deed::Want => {
                self.twin.by_hand().checkpoint_want();
                Ok(())
            }
            Deed::Beat(pace, expected) => {
                let got = self.beat(pace)?;
                if got == expected {
                    if matches!(got, Ended::WithCheckpoint(_)) {
                        let disk = self.twin.by_hand().grid_mut().storage_mut();
                        disk.settle();
                    }
                    return Ok(());
                }
                Err(Divergence::new(
                    "beats-end-alike",
                    "the twin ends a beat otherwise",
                    format!("{expected:?}"),
                    format!("{got:?}"),
                ))
            }
            Deed::Reopen => {
                self.twin.by_hand().grid_mut().storage_mut().restart();
                self.twin.open_again().map_err(|error| fails(&error))
            }
        }
    }

    fn beat(&mut self, pace: CompactionPace) -> Result<Ended, Divergence> {
        if self.twin.by_hand().beat_begin_at(pace).is_err() {
            return Ok(Ended::Full);
        }
        for _ in 0..BOUND {
            let mut progress = self.twin.by_hand().beat_advance();
            if progress == BeatProgress::Waiting {
                progress = self.twin.by_hand().beat_step();
            }
            match progress {
                BeatProgress::Waiting => {}
                BeatProgress::Failed(_) => return Ok(Ended::Full),
                BeatProgress::Ended { checkpoint: None } => return Ok(Ended::Plainly),
                BeatProgress::Ended { checkpoint: Some(_) } => {
                    return Ok(Ended::WithCheckpoint(self.twin.superblock().working().state()));
                }
            }
        }
        Err(Divergence::new("waiting-ends", "a beat of the twin does not end", "an end", "none"))
    }

    /// Compares the bytes of all that is in use.
    pub(super) fn compare_devices(&self) -> Result<(), Divergence> {
        let grids = [self.first.store.grid(), self.twin.grid()];
        let layout = grids[0].layout();
        let mut bytes = [vec![0; layout.block_size()], vec![0; layout.block_size()]];
        let mut in_use = grids.map(|grid| grid.free_set().in_use());
        loop {
            let next = in_use.each_mut().map(Iterator::next);
            if next[0] != next[1] {
                let text = |block: Option<(u64, BlockState)>| {
                    block.map_or("no more".to_owned(), |(address, it)| format!("{address}: {it:?}"))
                };
                return Err(Divergence::new(
                    "blocks-are-used-alike",
                    "the twin uses other blocks, or for something else",
                    text(next[0]),
                    text(next[1]),
                ));
            }
            let Some((address, state)) = next[0] else { break };
            if state != BlockState::Acquired {
                continue;
            }
            for (grid, bytes) in grids.iter().zip(&mut bytes) {
                let image = grid.storage().image();
                image.read_undamaged(layout.block(address).offset, bytes);
            }
            // What lies behind the body of a block is left of another.
            let [one, other] = [0, 1].map(|it| block(&bytes[it], address, layout.sector_size()));
            if one.is_none() || one != other {
                let name = |bytes: &[u8]| format!("{:x?}", &bytes[..64]);
                return Err(Divergence::new(
                    "bytes-are-the-same",
                    "a block of the twin has other bytes",
                    format!("block {address}: {}", name(&bytes[0])),
                    name(&bytes[1]),
                ));
            }
        }
        let trailers = grids.map(Grid::trailer_blocks);
        let headers = [self.first.store.superblock(), self.twin.superblock()]
            .map(|it| (it.working().checksum(), it.working().sequence(), it.working().state()));
        if headers[0] == headers[1] && trailers[0] == trailers[1] {
            return Ok(());
        }
        Err(Divergence::new(
            "bytes-are-the-same",
            "the superblock of the twin says something else",
            format!("{:?}", headers[0]),
            format!("{:?}", headers[1]),
        ))
    }
}

/// The bytes of a whole block; `None` if it is not sound.
fn block(bytes: &[u8], address: u64, sector_size: usize) -> Option<&[u8]> {
    let (checksum, _) = bytes.split_first_chunk()?;
    let reference = BlockReference { checksum: u128::from_le_bytes(*checksum), address };
    let block = open(bytes, reference, sector_size).ok()?;
    Some(&bytes[..BODY_OFFSET + block.body.len()])
}

fn fails(error: &StoreError) -> Divergence {
    Divergence::new("nothing-fails", "a call on the twin fails", "success", error)
}
