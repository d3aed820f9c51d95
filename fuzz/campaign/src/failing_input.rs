//! A failing input as a driver reports it, before it runs again.

/// An input that a driver reported.
#[derive(Clone, Debug)]
pub struct FailingInput {
    /// The input.
    pub bytes: Vec<u8>,
    /// The kind of failure that the driver reported.
    pub kind: FailureKind,
    /// The end of the driver's log.
    pub log: String,
}

/// How an input failed, according to the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A panic, a signal, or a difference from the model.
    Crash,
    /// The input took too long.
    Hang,
    /// The input took too much memory.
    Memory,
}
