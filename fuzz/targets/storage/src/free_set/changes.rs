//! Operations that open another free set from encoded sets, most of them changed before. The free
//! set must open a valid encoding and refuse any other, as the model does.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::free_set::FreeSetStatistics;

use super::compare;
use super::encoded::Encoded;
use super::events::Event;
use super::states;
use super::store::Store;
use downbeat::check::{equal, fail};
use downbeat::input::encoding::Place;
use downbeat::{Checked, Run};
use downbeat_model::free_set::Of;
use downbeat_model::store::Use;

impl Store {
    pub(super) fn encode(&mut self, piece: usize, run: &mut Run) -> Checked {
        let encoded = self.at_hand(piece, run)?;
        self.open_other(&encoded, piece, run)
    }

    /// Returns both encoded sets: those of the present state if it can be encoded now, or else
    /// those of the newest checkpoint.
    fn at_hand(&mut self, piece: usize, run: &mut Run) -> Checked<Encoded> {
        if self.model.is_durable() && self.reservations.is_empty() {
            return self.encoded(piece, run);
        }
        run.remark(|| "of the newest checkpoint".to_owned());
        Ok(self.newest.clone())
    }

    pub(super) fn decode_flip(&mut self, of: Of, at: Place, bit: u32, run: &mut Run) -> Checked {
        self.changed(of, run, |stream| {
            let words = stream.len() as u32 / 8;
            if words > 0 {
                let place = 8 * at.of(words) + bit / 8;
                stream[place as usize] ^= 1 << (bit % 8);
            }
        })
    }

    pub(super) fn decode_cut(&mut self, of: Of, bytes: usize, run: &mut Run) -> Checked {
        self.changed(of, run, |stream| stream.truncate(stream.len().saturating_sub(bytes)))
    }

    pub(super) fn decode_put(&mut self, of: Of, at: Place, word: u64, run: &mut Run) -> Checked {
        self.changed(of, run, |stream| {
            let place = 8 * at.of(stream.len() as u32 / 8 + 1) as usize;
            stream.splice(place..place, word.to_le_bytes());
        })
    }

    fn changed(&mut self, of: Of, run: &mut Run, change: impl FnOnce(&mut Vec<u8>)) -> Checked {
        let mut encoded = self.at_hand(self.body, run)?;
        let stream = if of.get() == 0 { &mut encoded.acquired } else { &mut encoded.released };
        let length = stream.len();
        change(stream);
        if length == 0 && stream.is_empty() {
            run.idle();
            return Ok(());
        }
        self.open_other(&encoded, self.body, run)
    }

    pub(super) fn decode_trailer(&mut self, at: Place, run: &mut Run) -> Checked {
        let mut encoded = self.at_hand(self.body, run)?;
        // Addresses from 0 to the one after the last; these two are invalid.
        let addresses = self.pair.set.block_count() as u32 + 2;
        encoded.trailers.push(u64::from(at.of(addresses)));
        self.open_other(&encoded, self.body, run)
    }

    /// Opens another set from the encoded sets. Checks that it has the blocks that the model
    /// decodes, or that it refuses them if the model does.
    fn open_other(&mut self, encoded: &Encoded, piece: usize, run: &mut Run) -> Checked {
        let other = &mut self.pair.other;
        let expected = encoded.blocks(other.block_count());
        run.step();
        let opened = encoded.open(other, piece);
        run.result(u64::from(opened.is_ok()));
        match (expected, opened) {
            (Some(blocks), Ok(())) => {
                Event::OtherOpened.count(run);
                self.other_is(&blocks)?;
            }
            (None, Err(Reason::Meaning(what))) => {
                Event::OtherRefused.count(run);
                run.remark(|| format!("refused: {what}"));
                states::refused(what, run);
                self.other_is_as_new()?;
            }
            (Some(_), Err(reason)) => return Err(super::checkpoints::refused(&reason)),
            (None, opened) => {
                let got = opened.map_or_else(|reason| reason.to_string(), |()| "a set".to_owned());
                return Err(fail("corruption-is-seen", "corruption", got)
                    .saying("an encoded set with an invalid meaning is accepted"));
            }
        }
        self.pair.other.reset();
        Ok(())
    }

    /// Checks the state of every block of the other set, and its number of free blocks.
    fn other_is(&self, blocks: &[Use]) -> Checked {
        let other = &self.pair.other;
        for (address, block) in (1..).zip(blocks) {
            compare::block("opened-block-equals-model", address, *block, other.state(address))
                .or("the state of a block in an opened set differs from the encoded one")?;
        }
        let free = blocks.iter().filter(|block| **block == Use::Free).count() as u64;
        equal("opened-count-equals-model", free, other.free_count())
            .or("an opened set counts more or fewer free blocks than the encoded set")
    }

    /// Checks that the failed opening has not changed the other set.
    fn other_is_as_new(&self) -> Checked {
        let other = &self.pair.other;
        other.verify();
        let is_new = !other.is_open() && *other.statistics() == FreeSetStatistics::default();
        equal("refused-set-is-as-new", true, is_new)
            .or("a set that refused to be opened has changed")
    }
}
