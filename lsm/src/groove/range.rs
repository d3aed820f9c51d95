//! The objects of a range of timestamps, in order.

use std::ops::RangeInclusive;

use super::{Groove, Object};
use crate::collections::Direction;
use crate::forest::{Reader, StoreError};
use crate::manifest::KeyRange;
use crate::scan::ScanProgress;
use crate::storage::Storage;

/// The objects of a range of timestamps; see [`Groove::range`].
///
/// The range borrows the groove, so nothing is written while it is under way.
#[derive(Debug)]
#[must_use = "a range is lazy: it reads nothing until its first object is requested"]
pub struct Range<'a, 'r, O: Object, S: Storage> {
    groove: &'a mut Groove<O>,
    reader: &'a mut Reader<'r, S>,
}

impl<O: Object> Groove<O> {
    /// Begins to read the objects whose timestamps are from the start to the end of the range,
    /// inclusive. The range is empty if its start is above its end.
    pub fn range<'a, 'r, S: Storage>(
        &'a mut self,
        timestamps: RangeInclusive<u64>,
        direction: Direction,
        reader: &'a mut Reader<'r, S>,
    ) -> Range<'a, 'r, O, S> {
        let (min, max) = timestamps.into_inner();
        self.range.abandon(reader.grid());
        if min <= max {
            let keys = KeyRange::new(min, max);
            self.range.start(&self.objects, keys, direction, reader.grid());
        }
        Range { groove: self, reader }
    }
}

impl<O: Object, S: Storage> Range<'_, '_, O, S> {
    /// Returns the next object; `None` if there are no more. Waits for the device.
    ///
    /// # Errors
    ///
    /// If a block cannot be read. The range has then ended.
    #[expect(clippy::should_implement_trait, reason = "the error is the result, not an item")]
    pub fn next(&mut self) -> Result<Option<O>, StoreError> {
        let Self { groove: Groove { range, objects, .. }, reader } = self;
        loop {
            match range.next(objects, reader.grid())? {
                ScanProgress::Record(object) => return Ok(Some(object)),
                ScanProgress::Ended => return Ok(None),
                ScanProgress::Pending => {
                    if let Err(error) = reader.step() {
                        range.abandon(reader.grid());
                        return Err(StoreError::Grid(error));
                    }
                }
            }
        }
    }
}

impl<O: Object, S: Storage> Drop for Range<'_, '_, O, S> {
    fn drop(&mut self) {
        self.groove.range.abandon(self.reader.grid());
    }
}
