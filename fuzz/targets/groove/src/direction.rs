//! The direction that an argument of an operation chooses.

use downbeat_lsm::collections::Direction;

/// The direction of a way: 0 is ascending.
pub(crate) fn direction(way: u32) -> Direction {
    if way == 0 { Direction::Ascending } else { Direction::Descending }
}
