//! Errors in place of calls.

/// An error in place of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with `EIO`, whatever it is.
    Io,
    /// The call fails with `ENOSPC`. Strikes calls that need space.
    Full,
    /// Half of the bytes are written. Strikes writes of two bytes or more.
    Short,
    /// The call fails with `EIO`, and what it should have made durable may never be so. Strikes
    /// syncs.
    Sync,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 4] = [Fault::Io, Fault::Full, Fault::Short, Fault::Sync];

    /// Whether the fault strikes calls of a kind.
    pub(crate) fn strikes(self, kind: Kind) -> bool {
        match self {
            Fault::Io => true,
            Fault::Full => matches!(kind, Kind::Write { .. } | Kind::Make | Kind::Allocate),
            Fault::Short => matches!(kind, Kind::Write { length: 2.. }),
            Fault::Sync => kind == Kind::Sync,
        }
    }
}

/// The kinds of calls, as far as faults tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A write of so many bytes.
    Write { length: usize },
    /// A file, directory or link is made.
    Make,
    /// Space is allocated.
    Allocate,
    /// A file is cut or extended, or a name goes away or moves.
    Change,
    /// A sync.
    Sync,
}
