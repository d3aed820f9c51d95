//! What each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * A job (`take`, `fill`) that is unable to reserve, because reservations are being forfeited or
//!   no more may be out, has all that are out forfeited first. It takes as many blocks as there
//!   are.
//! * What is acquired while no reservation is out comes from one of twice as many blocks, which
//!   stays out.
//! * Before a checkpoint, and before one is made durable, all reservations are forfeited.
//! * A checkpoint encodes both sets, takes as many blocks as they fill, and releases these once it
//!   is written. Where too few are free, the sets lie elsewhere.
//! * While the newest checkpoint may be lost, so that the one before may be opened, both must stay
//!   whole.
//! * A store is opened with more blocks or fewer where both checkpoints do with them. Where the
//!   newest does not, that is refused, and the store is opened as it was.
//!
//! Operations that are impossible become others: without a free block, a job forfeits what is out,
//! or else makes a cycle of checkpoints, or else releases. A reservation that is refused forfeits
//! all. A release of blocks that are not acquired takes them. A checkpoint while the one before may
//! be lost makes that durable, and the other way round.

use super::store::Store;
use downbeat::model::free_set::Operation;
use downbeat::{Checked, Run};

impl Store {
    #[inline]
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Operation::Take { count } => self.take(count.get(), run),
            Operation::Fill { left } => self.fill(left, run),
            Operation::Reserve { count } => self.reserve(count.get(), run),
            Operation::ReserveRest { left } => self.reserve_rest(left, run),
            Operation::Acquire { from, count } => self.acquire(from, count.get(), run),
            Operation::Forfeit { from } => self.forfeit(from, run),
            Operation::ForfeitAll => self.forfeit_all(run),
            Operation::Release { at, count, step } => {
                self.release(at, count.get(), step.get(), run)
            }
            Operation::ReleaseAll { step } => self.release_all(step.get(), run),
            Operation::Checkpoint => self.checkpoint(run),
            Operation::Durable => self.durable(run),
            Operation::Cycle => self.cycle(run),
            Operation::Crash { lost, more } => self.crash(lost.get() == 1, more.get(), run),
            Operation::LoseCheckpoint => self.lose_checkpoint(run),
            Operation::Load { width, count, released } => {
                self.load(width.get(), count.get(), released.get(), run)
            }
            Operation::Reset => self.reset(run),
            Operation::Ask { at } => self.ask(at, run),
            Operation::Encode { piece } => self.encode(piece.get() as usize, run),
            Operation::DecodeFlip { of, at, bit } => self.decode_flip(of, at, bit.get(), run),
            Operation::DecodeCut { of, bytes } => self.decode_cut(of, bytes.get() as usize, run),
            Operation::DecodePut { of, at, word } => self.decode_put(of, at, word.get(), run),
            Operation::DecodeTrailer { at } => self.decode_trailer(at, run),
        }
    }
}
