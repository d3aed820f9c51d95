//! Openings of the store as another one, which are refused.

use super::tested::Tested;
use crate::store::reopen;
use downbeat::{Checked, Run};

impl Tested {
    /// Tries to open the store as another one. Then opens it again.
    pub(super) fn impostor(&mut self, _how: u32, run: &mut Run) -> Checked {
        reopen(self, run)
    }
}
