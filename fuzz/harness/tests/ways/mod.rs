//! An enumeration of all crashes that a device can suffer.
//!
//! Each combination of fates for the versions that are not durable is tried once. A version has no
//! fate of its own if newer versions that survive cover the whole sector. Two combinations may
//! leave the same bytes.
//!
//! The caller crashes the image, and chooses where sectors are torn.

use downbeat::disk::{Fate, Image};

/// An odometer over the fates of a crash.
#[derive(Clone, Debug)]
pub(crate) struct Ways<'a> {
    fates: &'a [Fate],
    /// For each version, in the order of the calls of `fate`: the index of its fate in `fates`.
    picks: Vec<usize>,
    asked: usize,
    tried: u64,
}

impl<'a> Ways<'a> {
    /// Enumerates the ways to give each version one of these fates. The first way gives all
    /// versions the first fate.
    pub(crate) fn new(fates: &'a [Fate]) -> Self {
        assert!(!fates.is_empty(), "disk: a version must have a fate");
        Self { fates, picks: Vec::new(), asked: 0, tried: 0 }
    }

    /// Returns the fate of the next version in this crash.
    pub(crate) fn fate(&mut self) -> Fate {
        if self.asked == self.picks.len() {
            self.picks.push(0);
        }
        self.asked += 1;
        self.fates[self.picks[self.asked - 1]]
    }

    /// Ends this crash. Returns whether there is another way, for a further crash of the same
    /// image.
    pub(crate) fn advance(&mut self) -> bool {
        assert_eq!(self.asked, self.picks.len(), "disk: each way must be of the same image");
        self.tried += 1;
        self.asked = 0;
        while self.picks.last().is_some_and(|pick| pick + 1 == self.fates.len()) {
            self.picks.pop();
        }
        match self.picks.last_mut() {
            Some(pick) => {
                *pick += 1;
                true
            }
            None => false,
        }
    }

    /// Returns the number of ways that were tried.
    pub(crate) fn tried(&self) -> u64 {
        self.tried
    }
}

#[test]
fn each_way_is_tried_once() {
    let (mut image, mut trial) = (Image::new(), Image::new());
    image.reset(4096, 512, 0);
    image.write(0, &[1; 1024]);
    let mut ways = Ways::new(&[Fate::Survives, Fate::Vanishes]);
    loop {
        trial.copy_from(&image);
        trial.crash(&mut |_| ways.fate());
        if !ways.advance() {
            break;
        }
    }
    assert_eq!(ways.tried(), 4);
}
