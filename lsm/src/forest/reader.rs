//! The device for calls that read trees between two beats.

use super::{Forest, StoreError};
use crate::beat::Trees;
use crate::grid::{Grid, GridError, Stepped};
use crate::storage::Storage;

/// The device for calls that read trees, until the next beat; see [`Forest::read`].
#[derive(Debug)]
pub struct Reader<'a, S: Storage> {
    grid: &'a mut Grid<S>,
    lookups_max: u32,
    /// Whether a beat failed. A failed checkpoint may have left operations in the device's queue.
    has_failed: bool,
}

impl<S: Storage> Reader<'_, S> {
    /// The grid.
    pub fn grid(&mut self) -> &mut Grid<S> {
        self.grid
    }

    /// The maximum number of concurrent lookups.
    #[must_use]
    pub fn lookups_max(&self) -> usize {
        self.lookups_max as usize
    }

    /// Completes one operation of the device.
    ///
    /// # Errors
    ///
    /// If the device completes nothing.
    pub fn step(&mut self) -> Result<(), GridError> {
        match self.grid.step() {
            Stepped::Progress => Ok(()),
            Stepped::Nothing => Err(GridError::Gone),
            Stepped::Foreign(_) if self.has_failed => Ok(()),
            Stepped::Foreign(completion) => {
                unreachable!("forest: nothing waits for this between beats ({completion:?})")
            }
        }
    }
}

impl<T: Trees<S>, S: Storage> Forest<T, S> {
    /// The trees, and the device from which they can be read.
    ///
    /// # Errors
    ///
    /// If the forest is closed: its trees may then be incomplete.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn read(&mut self) -> Result<(&mut T, Reader<'_, S>), StoreError> {
        self.refuse_if_closed()?;
        self.assert_no_beat();
        let has_failed = self.failed().is_some();
        let lookups_max = self.options.lookups_max;
        Ok((&mut self.trees, Reader { grid: &mut self.grid, lookups_max, has_failed }))
    }

    /// The trees, to be written to.
    ///
    /// # Errors
    ///
    /// If the forest is closed or read-only.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn write(&mut self) -> Result<&mut T, StoreError> {
        self.refuse_writes()?;
        Ok(&mut self.trees)
    }
}
