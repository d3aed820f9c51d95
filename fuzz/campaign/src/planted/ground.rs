//! The place where bugs are planted and searched for.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use downbeat_protocol::Listing;

use super::checkout::Checkout;
use super::outcome::Outcome;
use super::patch::Patch;
use super::trial::Trial;

/// A copy of the sources in which bugs are planted and searched for.
pub(super) trait Ground {
    /// Removes planted bugs. Returns a hash of the sources on which the outcome of a search
    /// depends.
    fn clear(&mut self) -> Result<u128>;

    /// A hash of the committed corpus of a target.
    fn corpus(&mut self, target: &Listing) -> Result<u128>;

    /// Plants a bug. Returns `None` if interrupted.
    fn plant(&mut self, patch: &Patch) -> Result<Option<()>>;

    /// Searches for the planted bug. Returns `None` if interrupted.
    fn search(&mut self, trial: &Trial<'_>) -> Result<Option<Outcome>>;

    /// Removes the planted bug, and returns whether the shrunk input of the last search fails
    /// without it. Returns `None` if interrupted.
    fn fails_without_bug(&mut self, trial: &Trial<'_>) -> Result<Option<bool>>;
}

/// The copy of the checkout as a ground.
pub(super) struct CopyGround<'a> {
    pub(super) checkout: Checkout<'a>,
    pub(super) stop: &'a AtomicBool,
}

impl Ground for CopyGround<'_> {
    fn clear(&mut self) -> Result<u128> {
        self.checkout.refresh()
    }

    fn corpus(&mut self, target: &Listing) -> Result<u128> {
        self.checkout.corpus(target)
    }

    fn plant(&mut self, patch: &Patch) -> Result<Option<()>> {
        if let Err(why) = self.checkout.apply(patch)? {
            bail!("{} does not apply: {why}", patch.name());
        }
        Ok((!self.stop.load(Ordering::Relaxed)).then_some(()))
    }

    fn search(&mut self, trial: &Trial<'_>) -> Result<Option<Outcome>> {
        trial.run(&self.checkout, self.stop)
    }

    fn fails_without_bug(&mut self, trial: &Trial<'_>) -> Result<Option<bool>> {
        self.checkout.refresh()?;
        trial.fails_again(&self.checkout, self.stop)
    }
}
