//! Operations that write checkpoints, make them durable or lose them, and open stores.

use downbeat_lsm::block::Reason;

use super::compare;
use super::encoded::Encoded;
use super::events::{self, Event};
use super::states::{self, Loss};
use super::store::Store;
use downbeat::check::{fail, holds};
use downbeat::states::octave;
use downbeat::{Checked, Divergence, Run};
use downbeat_model::free_set::BLOCKS_MAX;
use downbeat_model::store::Use;

impl Store {
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Checked {
        self.forfeit_all_out(run);
        if !self.model.is_durable() {
            run.redirected(|| "durable".to_owned());
            return self.make_durable(run);
        }
        self.write(run)
    }

    pub(super) fn durable(&mut self, run: &mut Run) -> Checked {
        self.forfeit_all_out(run);
        if self.model.is_durable() {
            run.redirected(|| "checkpoint".to_owned());
            return self.write(run);
        }
        self.make_durable(run)
    }

    pub(super) fn cycle(&mut self, run: &mut Run) -> Checked {
        self.forfeit_all_out(run);
        if !self.model.is_durable() {
            self.make_durable(run)?;
        }
        self.write(run)?;
        self.make_durable(run)
    }

    fn make_durable(&mut self, run: &mut Run) -> Checked {
        let counts = self.model.counts();
        run.state(states::FreedAtOnce, octave(counts.released));
        run.state(states::StagedAtDurability, octave(counts.staged));
        run.remark(|| format!("{} blocks freed", counts.released));
        run.step();
        self.pair.set.mark_checkpoint_durable();
        self.model.make_durable();
        self.before = None;
        self.figures_are(run)
    }

    /// Writes a checkpoint.
    fn write(&mut self, run: &mut Run) -> Checked {
        let encoded = self.encode_with_trailers(run)?;
        run.step();
        self.pair.set.mark_checkpoint_not_durable();
        for address in &encoded.trailers {
            self.pair.set.release(*address);
        }
        self.model.checkpoint(&encoded.trailers);
        self.before = Some(std::mem::replace(&mut self.newest, encoded));
        self.figures_are(run)
    }

    /// Encodes both sets and acquires blocks for them.
    fn encode_with_trailers(&mut self, run: &mut Run) -> Checked<Encoded> {
        let mut encoded = self.encoded(self.body, run)?;
        let wanted = encoded.trailer_count(self.body);
        run.state(states::WordsEncoded, encoded.acquired.len() / 8);
        run.state(states::BlocksOfSets, wanted as usize);
        if wanted > self.available() {
            Event::CheckpointElsewhere.count(run);
            run.remark(|| "too few blocks for the sets".to_owned());
            return Ok(encoded);
        }
        if wanted == 0 {
            return Ok(encoded);
        }
        run.step();
        let Some(mut reservation) = self.pair.set.reserve(wanted) else {
            return Err(fail("reservation-equals-model", "granted", "refused")
                .saying("a reservation is refused while enough blocks are free"));
        };
        assert!(self.model.reserve(wanted), "free_set: the counted blocks must be free");
        while let Some(expected) = self.model.acquire(0) {
            let got = self.pair.set.acquire(&mut reservation);
            compare::option("acquired-block-equals-model", Some(expected), got)
                .or("a block for the encoded sets is not the lowest free one")?;
            self.is_nobodys(expected)?;
            encoded.trailers.push(expected);
        }
        run.remark(|| format!("the sets in {} blocks", encoded.trailers.len()));
        self.pair.set.forfeit(reservation);
        self.model.forfeit(0);
        Ok(encoded)
    }

    /// Encodes both sets. Checks their bytes.
    pub(super) fn encoded(&mut self, piece: usize, run: &mut Run) -> Checked<Encoded> {
        run.step();
        let encoded = Encoded::of(&self.pair.set, piece);
        let expected = Encoded::by_the_book(self.model.blocks());
        compare::stream(&expected.acquired, &encoded.acquired)
            .or("the acquired blocks are not encoded as the format says")?;
        compare::stream(&expected.released, &encoded.released)
            .or("the released blocks are not encoded as the format says")?;
        run.result(encoded.acquired.len() as u64);
        run.result(encoded.released.len() as u64);
        Ok(encoded)
    }

    pub(super) fn crash(&mut self, lost: bool, more: i64, run: &mut Run) -> Checked {
        let count = self.pair.set.block_count();
        let loss = match (&self.before, lost) {
            (None, _) => Loss::MemoryOfDurable,
            (Some(_), false) => Loss::Memory,
            (Some(_), true) => Loss::Checkpoint,
        };
        let is_out = !self.reservations.is_empty();
        run.state(states::Crashed, 2 * loss as usize + usize::from(is_out));
        if loss == Loss::Checkpoint {
            Event::CheckpointLost.count(run);
            self.newest = self.before.take().unwrap_or_default();
            self.model.lose();
        }
        // A large store stays large.
        let wanted = count.saturating_add_signed(more).clamp(1, BLOCKS_MAX.max(count));
        match self.model.fits(wanted) {
            (true, true) => self.reopen(wanted, run),
            // The previous checkpoint may be opened, too, and uses blocks beyond this size, so the
            // size stays.
            (true, false) => self.reopen(count, run),
            (false, _) => {
                self.reopen_with_too_few(wanted, run)?;
                self.reopen(count, run)
            }
        }
    }

    pub(super) fn lose_checkpoint(&mut self, run: &mut Run) -> Checked {
        self.forfeit_all_out(run);
        if !self.model.is_durable() {
            run.redirected(|| "crash lost=1".to_owned());
            return self.crash(true, 0, run);
        }
        Event::CheckpointAbandoned.count(run);
        self.encode_with_trailers(run)?;
        self.reopen(self.pair.set.block_count(), run)
    }

    /// Opens the store from its newest checkpoint, with `count` blocks, which must be enough.
    fn reopen(&mut self, count: u64, run: &mut Run) -> Checked {
        let count_before = self.close(count, run);
        if count > count_before {
            Event::OpenedWithMore.count(run);
        } else if count < count_before {
            Event::OpenedWithFewer.count(run);
        }
        self.model.resize(count);
        self.model.reopen();
        run.step();
        let opened = self.newest.open(&mut self.pair.set, self.body);
        opened.map_err(|reason| refused(&reason))?;
        self.figures_are(run)?;
        self.blocks_are(run)
    }

    /// Checks that the store refuses to open with too few blocks.
    fn reopen_with_too_few(&mut self, count: u64, run: &mut Run) -> Checked {
        let count_before = self.close(count, run);
        Event::OpenedWithTooFew.count(run);
        run.step();
        let opened = self.newest.open(&mut self.pair.set, self.body);
        self.change_size(count_before);
        holds("too-few-blocks-are-seen", opened.is_err())
            .show(|| ("corruption", "a store"))
            .or("a store opens with fewer blocks than it uses")
    }

    /// Drops the state in memory and changes the set to `count` blocks. The set is then not open.
    /// Returns the previous number of blocks.
    fn close(&mut self, count: u64, run: &mut Run) -> u64 {
        self.reservations.clear();
        events::set(self.pair.set.statistics()).count(run);
        let count_before = self.pair.set.block_count();
        self.change_size(count);
        count_before
    }

    pub(super) fn load(&mut self, width: u64, count: u64, released: u32, run: &mut Run) -> Checked {
        let mut acquired = 0;
        let blocks = (0..self.pair.set.block_count()).map(|number| {
            if number / width % 2 == 1 || acquired == count {
                return Use::Free;
            }
            acquired += 1;
            let is_released = released > 1 && acquired.is_multiple_of(u64::from(released));
            if is_released { Use::Released } else { Use::Acquired }
        });
        let blocks: Vec<Use> = blocks.collect();
        self.newest = Encoded::by_the_book(&blocks);
        self.before = None;
        self.model.load(blocks);
        self.reopen(self.pair.set.block_count(), run)
    }

    pub(super) fn reset(&mut self, run: &mut Run) -> Checked {
        events::set(self.pair.set.statistics()).count(run);
        let counts = self.model.counts();
        self.start();
        // An input may consist of resets. A set without blocks in use changes little.
        if counts.acquired == 0 && counts.reserved == 0 {
            self.figures_are(run)
        } else {
            self.blocks_are(run)
        }
    }
}

/// The divergence for a valid encoded set that was refused.
pub(super) fn refused(reason: &Reason) -> Divergence {
    fail("encoded-set-is-opened", "a set", reason).saying("a valid encoded set is refused")
}
