//! What each operation does.
//!
//! Rules that define what an input means:
//!
//! * If a job (`take`, `fill`) cannot reserve, because reservations are being forfeited or the
//!   maximum number is outstanding, all outstanding reservations are forfeited first. A job takes
//!   only as many blocks as are free.
//! * `acquire` without an outstanding reservation reserves twice as many blocks, and keeps the
//!   reservation.
//! * Before a checkpoint is written or made durable, all reservations are forfeited.
//! * A checkpoint encodes both sets, takes as many blocks as they fill, and releases these blocks
//!   once it is written. If too few blocks are free, the sets are kept outside the store.
//! * While the newest checkpoint may be lost, the one before it may be opened, so both must stay
//!   intact.
//! * `crash` opens the store with a new number of blocks if these are enough for both checkpoints.
//!   If they are too few for the newest, the set must refuse to open with them. The store is then
//!   opened with its old size. The same happens if only the previous checkpoint needs more blocks.
//!
//! Impossible operations become others:
//!
//! * If no block is free, `take`, `fill` and `acquire` forfeit the outstanding reservations. If
//!   there are none, a checkpoint is written and made durable. If this would free no block, every
//!   third acquired block is released.
//! * `reserve`, while the set does not accept reservations, forfeits all of them.
//! * `release`, if no block can be released, becomes `take`.
//! * `checkpoint`, while the newest checkpoint is not durable, makes it durable. `durable`, if it
//!   is durable already, writes the next.

use super::store::Store;
use downbeat::{Checked, Run};
use downbeat_model::free_set::Operation;

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
