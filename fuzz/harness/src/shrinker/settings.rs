//! Plainer settings, and settings with which fewer operations suffice.

use super::Over;
use super::search::Search;
use crate::input::encoding::Operation;
use crate::input::encoding::input::setting;
use crate::input::encoding::number::smaller;

/// The maximum number of choices of a setting that are tried with fewer operations. All choices of
/// a schedule are equally good, so the first ones suffice.
const CHOICES_MAX: usize = 16;

impl<O: Operation> Search<'_, O> {
    /// Moves each setting to its plainest choice, or towards it.
    pub(super) fn plainest_settings(&mut self) -> Result<(), Over> {
        for setting in 0..O::SETTINGS.len() {
            for choice in smaller(self.best().header.index(setting) as u64) {
                let choice = choice as usize;
                if self.attempt(|input| input.header.choose(O::SETTINGS, setting, choice))? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tries the other choices of each setting with fewer operations: a smaller table is full
    /// sooner.
    pub(super) fn other_settings(&mut self) -> Result<(), Over> {
        // The settings that all targets share define what symbolic keys mean. No symbolic keys are
        // left.
        for setting in setting::FIRST_OWN..O::SETTINGS.len() {
            for choice in 0..O::SETTINGS[setting].choices.count().min(CHOICES_MAX) {
                let candidate =
                    self.changed(|input| input.header.choose(O::SETTINGS, setting, choice));
                if candidate != *self.best() {
                    self.detour(candidate)?;
                }
            }
        }
        Ok(())
    }
}
