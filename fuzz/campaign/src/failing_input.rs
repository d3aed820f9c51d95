//! An input that a driver reported, before anything is known of it.

/// An input that a driver reported.
#[derive(Clone, Debug)]
pub struct FailingInput {
    /// The input.
    pub bytes: Vec<u8>,
    /// What the driver called it.
    pub kind: FailureKind,
    /// The end of the driver's log.
    pub log: String,
}

/// How an input failed, to the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A panic, a signal, a divergence.
    Crash,
    /// It took too long.
    Hang,
    /// It took too much memory.
    Memory,
}
