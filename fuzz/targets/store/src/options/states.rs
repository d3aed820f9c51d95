//! The states of the target.

downbeat::states! {
    /// Marked with the place in [`super::blame::NAMES`].
    Store "the option of a store that was refused" super::blame::NAMES.len(),
    /// Marked with the number of the part, and whether its options are valid.
    Part "parts, with invalid and with valid options" 24,
    /// The octave of the memory that a valid store takes, from 2^14 on.
    Memory "bytes of a store with valid options, by two octaves" 16,
}
