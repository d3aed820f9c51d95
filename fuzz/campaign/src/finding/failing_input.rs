//! An input that a driver reported, before anything is known of it.

use downbeat::Failure;

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

impl FailureKind {
    /// The failure of an input that cannot be run again here: it would hang, or take the memory.
    #[must_use]
    pub fn as_failure(self, target: &'static str) -> Option<Failure> {
        let message = match self {
            FailureKind::Crash => return None,
            FailureKind::Hang => "run: one input takes too long",
            FailureKind::Memory => "run: one input takes too much memory",
        };
        Some(Failure::panicked(target, message, "", None))
    }
}
