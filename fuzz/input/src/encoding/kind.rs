//! Kinds of operations.

/// One kind of operation.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The kind's number, which is also its exact slot.
    pub number: u8,
    /// The word that begins its line of text; ASCII.
    pub name: &'static str,
    /// The family by which mixes weight it.
    pub family: Family,
    /// Its weight among the weighted slots of the even mix.
    pub weight: u8,
}

/// What a kind of operation does. Mixes weigh families against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Writes one record.
    Write,
    /// Reads records.
    Read,
    /// Removes one record.
    Remove,
    /// Does the work of several operations.
    Run,
    /// Opens or closes a scope.
    Scope,
    /// Changes the structure: compacts, moves, takes a checkpoint, resets.
    Structure,
}
