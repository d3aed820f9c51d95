//! The model of a superblock: every superblock that was written, the one that was acknowledged
//! last, and the one that is under way.
//!
//! - While the device keeps its promises, the superblock opens at the acknowledged state or at the
//!   state under way, never at a mixture. The opened state becomes the acknowledged one.
//! - Once the device has broken its promises (`distrust`), the superblock opens at any written
//!   state, or not at all, until everything is known to be durable again (`trust`).
//! - While a device is being formatted, opening may also fail.
//!
//! The model does not distinguish the copies of a superblock.

use super::{Expected, Opened, State, Written};
use crate::mutation::{Mutation, is_on};

/// The model of a superblock.
#[derive(Clone, Debug, Default)]
pub struct Model {
    written: Vec<Written>,
    /// An index into `written`.
    acknowledged: usize,
    under_way: Option<usize>,
    formatting: bool,
    distrusted: bool,
    beat: u64,
}

impl Model {
    /// A reset keeps memory for this many superblocks and releases the rest, so that its cost
    /// depends only on the last run.
    const KEPT: usize = 256;

    /// A model of an unformatted device.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        let Model { written, acknowledged, under_way, formatting, distrusted, beat } = self;
        written.clear();
        written.shrink_to(Self::KEPT);
        *acknowledged = 0;
        *under_way = None;
        *formatting = false;
        *distrusted = false;
        *beat = 0;
    }

    /// Begins to format. The acknowledged superblock may survive.
    ///
    /// # Panics
    ///
    /// If a superblock is under way.
    pub fn format(&mut self, store: u128, shape: u32) -> State {
        self.formatting = true;
        self.write(store, 1, 0, 1, shape)
    }

    /// Begins the checkpoint after the acknowledged one. Its beat is `beats` above the highest beat
    /// written so far.
    ///
    /// # Panics
    ///
    /// If a superblock is under way, or none was acknowledged.
    pub fn begin(&mut self, beats: u64, shape: u32) -> State {
        let before = self.written[self.acknowledged];
        let parent =
            before.checksum.expect("model: the checksum of an acknowledged superblock is known");
        let parent = if is_on(Mutation::SuperblockForgetsItsParent) { 0 } else { parent };
        let standing = is_on(Mutation::SuperblockSequencesStand);
        let sequence = before.sequence + u64::from(!standing);
        self.write(before.store, sequence, parent, beats, shape)
    }

    fn write(&mut self, store: u128, sequence: u64, parent: u128, beats: u64, shape: u32) -> State {
        assert!(self.under_way.is_none(), "model: one superblock is written at a time");
        self.beat += beats;
        let state = State::stamped(self.written.len() as u64 + 1, self.beat, shape);
        self.under_way = Some(self.written.len());
        self.written.push(Written { store, sequence, state, parent, checksum: None });
        state
    }

    /// Whether a superblock is under way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Notes that the superblock under way was reported as written. `seen` is the superblock that
    /// the system then has.
    ///
    /// # Errors
    ///
    /// The superblock under way, if `seen` is another.
    ///
    /// # Panics
    ///
    /// If no superblock is under way.
    pub fn acknowledge(&mut self, seen: &Written) -> Result<(), Box<Written>> {
        let place = self.under_way.expect("model: a superblock must be under way");
        let expected = self.written[place];
        if !expected.is(seen) {
            return Err(Box::new(expected));
        }
        self.becomes(place, seen);
        Ok(())
    }

    fn becomes(&mut self, place: usize, seen: &Written) {
        self.written[place].checksum = seen.checksum;
        self.acknowledged = place;
        self.under_way = None;
        self.formatting = false;
    }

    /// The superblocks that may be opened.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let mut expected = Expected {
            acknowledged: self.written[self.acknowledged],
            under_way: self.under_way.map(|place| self.written[place]),
            anything: self.distrusted,
        };
        if is_on(Mutation::SuperblockForgetsWhatIsUnderWay) {
            expected.under_way = None;
        }
        if is_on(Mutation::SuperblockTakesUnderWayForDone) {
            expected.acknowledged = expected.under_way.unwrap_or(expected.acknowledged);
        }
        expected
    }

    /// The beats of the acknowledged superblock, and of the one under way.
    #[must_use]
    pub fn beats(&self) -> (u64, Option<u64>) {
        let beat = |place: usize| self.written[place].state.beat;
        (beat(self.acknowledged), self.under_way.map(beat))
    }

    /// Whether opening may also fail.
    #[must_use]
    pub fn may_be_lost(&self) -> bool {
        self.distrusted || self.formatting
    }

    /// Returns which of the allowed superblocks was opened. `seen` is the opened superblock.
    ///
    /// # Errors
    ///
    /// The allowed superblocks, if `seen` is none of them.
    pub fn find(&self, seen: &Written) -> Result<Opened, Box<Expected>> {
        let expected = self.expected();
        if expected.under_way.is_some_and(|written| written.is(seen)) {
            return Ok(Opened::UnderWay);
        }
        if expected.acknowledged.is(seen) {
            return Ok(Opened::Acknowledged);
        }
        if expected.anything && self.place(seen).is_some() {
            return Ok(Opened::Earlier);
        }
        Err(Box::new(expected))
    }

    /// The index of the newest written superblock that matches `seen`.
    fn place(&self, seen: &Written) -> Option<usize> {
        self.written.iter().rposition(|written| written.is(seen))
    }

    /// Notes that `seen` was opened. It becomes the acknowledged superblock.
    ///
    /// # Errors
    ///
    /// As for [`Model::find`].
    pub fn open(&mut self, seen: &Written) -> Result<Opened, Box<Expected>> {
        let opened = self.find(seen)?;
        let place = match opened {
            Opened::Acknowledged => self.acknowledged,
            Opened::UnderWay => self.under_way.unwrap_or(self.acknowledged),
            Opened::Earlier => self.place(seen).unwrap_or(self.acknowledged),
        };
        self.becomes(place, seen);
        Ok(opened)
    }

    /// Notes that the superblock did not open, which was allowed. Its content is lost, and the
    /// device must be formatted.
    pub fn lose(&mut self) {
        self.under_way = None;
        self.formatting = true;
    }

    /// Notes that the device has broken its promises.
    pub fn distrust(&mut self) {
        self.distrusted = true;
    }

    /// Notes that the acknowledged superblock is durable, and nothing is damaged.
    pub fn trust(&mut self) {
        self.distrusted = false;
    }

    /// How many superblocks were ever written.
    #[must_use]
    pub fn written(&self) -> usize {
        self.written.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The written superblock at this index, with a checksum, as the system would report it.
    fn seen(model: &Model, place: usize) -> Written {
        Written { checksum: Some(place as u128 + 100), ..model.written[place] }
    }

    fn formatted() -> Model {
        let mut model = Model::new();
        model.format(1, 11);
        model.acknowledge(&seen(&model, 0)).expect("the superblock is the expected one");
        model
    }

    #[test]
    fn only_the_acknowledged_state_and_the_one_under_way_are_opened() {
        let mut model = formatted();
        model.begin(1, 11);
        assert_eq!(model.find(&seen(&model, 0)), Ok(Opened::Acknowledged));
        assert_eq!(model.open(&seen(&model, 1)), Ok(Opened::UnderWay));
        let first = seen(&model, 0);
        assert!(model.find(&first).is_err());
        model.distrust();
        assert_eq!(model.open(&first), Ok(Opened::Earlier));
    }

    #[test]
    fn a_state_that_differs_in_any_part_is_a_different_state() {
        let mut model = formatted();
        model.begin(3, 11);
        let right = seen(&model, 1);
        let mut wrong = [right; 5];
        wrong[0].sequence += 1;
        wrong[1].store += 1;
        wrong[2].parent += 1;
        wrong[3].state.beat += 1;
        wrong[4].state.newest.checksum += 1;
        assert!(wrong.iter().all(|wrong| model.find(wrong).is_err()));
        assert!(wrong.iter().all(|wrong| model.clone().acknowledge(wrong).is_err()));
        model.acknowledge(&right).expect("the superblock is the expected one");
        let again = Written { checksum: Some(1), ..right };
        assert!(model.find(&again).is_err());
    }
}
