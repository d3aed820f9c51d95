//! The states of the target.

downbeat::states! {
    /// Marked with the option's index in [`super::blame::NAMES`].
    Store "the option of a store that was refused" super::blame::NAMES.len(),
    /// Marked with the number of the part, and whether its options are valid.
    Part "parts, with invalid and with valid options" 26,
    /// Marked with the memory of a valid store: 0 below 2^18 bytes, 1 more for each factor of 4.
    Memory "bytes of memory of a store with valid options, by two octaves" 16,
}
