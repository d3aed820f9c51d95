//! Every crash that a device can suffer, one after the other.
//!
//! - Each choice of fates for the versions that are not durable comes once. A version that a newer one
//!   covers whole is not asked for. Two choices may still leave the same bytes.
//!
//! What this does not do: it crashes nothing itself, and does not choose where sectors are torn.

use super::log::Fate;

/// An odometer over the fates of a crash.
///
/// ```
/// use downbeat::disk::{Fate, Image, Ways};
///
/// let (mut image, mut trial) = (Image::new(), Image::new());
/// image.reset(4096, 512, 0);
/// image.write(0, &[1; 1024]);
/// let mut ways = Ways::new(&[Fate::Survives, Fate::Vanishes]);
/// loop {
///     trial.copy_from(&image);
///     trial.crash(&mut |_| ways.fate());
///     // Look at what is left in `trial`.
///     if !ways.advance() {
///         break;
///     }
/// }
/// assert_eq!(ways.tried(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct Ways<'a> {
    fates: &'a [Fate],
    /// Places in `fates`, by the order in which they are asked for.
    picks: Vec<usize>,
    asked: usize,
    tried: u64,
}

impl<'a> Ways<'a> {
    /// Every way that gives each version one of these fates. The first gives all the first.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[must_use]
    pub fn new(fates: &'a [Fate]) -> Self {
        assert!(!fates.is_empty(), "disk: a version must have a fate");
        Self { fates, picks: Vec::new(), asked: 0, tried: 0 }
    }

    /// The fate of the version that is asked for next in this crash.
    #[must_use]
    pub fn fate(&mut self) -> Fate {
        if self.asked == self.picks.len() {
            self.picks.push(0);
        }
        self.asked += 1;
        self.fates[self.picks[self.asked - 1]]
    }

    /// Ends this crash. Says whether there is another way: the next crash, which must be of the same
    /// image, goes it.
    ///
    /// # Panics
    ///
    /// If fewer versions asked for a fate than in the way before it: that was another image.
    pub fn advance(&mut self) -> bool {
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

    /// The ways that were gone.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.tried
    }
}
