//! Kinds of operations.

/// One kind of operation.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its number and exact slot.
    pub number: u8,
    /// The word that starts its line.
    pub name: &'static str,
    /// What it is for, to the mixes.
    pub family: Family,
    /// Its share of the weighted slots in the even mix, against the others' weights.
    pub weight: u8,
}

/// What a kind of operation is for. A mix weighs families against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Writes one record.
    Write,
    /// Reads.
    Read,
    /// Removes one record.
    Remove,
    /// Many of the above in one operation.
    Run,
    /// Opens or closes a scope.
    Scope,
    /// Changes the structure: compacts, moves, checkpoints, resets.
    Structure,
}
