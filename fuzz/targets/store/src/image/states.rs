//! The states of the target.

use downbeat_model::image::Fault;

downbeat::states! {
    /// Marked with the number of a [`Fault`].
    Refused "opening was refused because" Fault::Free as usize,
    /// Marked with the number of a [`Fault`], counted from [`Fault::Size`].
    Unreadable "a block of a table was refused because" Fault::Snapshot as usize - Fault::Size as usize,
    /// Marked with the number of a [`Fault`], counted from [`Fault::Snapshot`].
    Unmergeable "the tables of an opened image contradict each other" 4,
    Levels "levels with tables of an opened image, as bits" 16,
    AboveFull "the first empty level above one with tables, of an opened image" 3,
    Sequence "the sequence of an opened image: below 2^32, larger, the largest" 3,
}
