//! From the model's numbers to the core's and back, and what is said where they differ.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::superblock::{
    CheckpointState, ManifestReferences, SuperblockError, SuperblockHeader, Trailer,
};

use crate::failure::Divergence;
use crate::model::superblock::{Chain, Expected, Reference, State, Written};

fn to_reference(reference: Reference) -> BlockReference {
    let Reference { checksum, address } = reference;
    BlockReference { checksum, address }
}

fn to_trailer(chain: Chain) -> Trailer {
    Trailer { last: to_reference(chain.last), size: chain.size }
}

/// The model's state as the core takes it.
pub(super) fn to_core(state: &State) -> CheckpointState {
    let State { beat, acquired, released, oldest, newest, block_count } = *state;
    CheckpointState {
        beat,
        acquired: to_trailer(acquired),
        released: to_trailer(released),
        manifest: ManifestReferences {
            oldest: to_reference(oldest),
            newest: to_reference(newest),
            block_count,
        },
    }
}

fn reference(reference: BlockReference) -> Reference {
    let BlockReference { checksum, address } = reference;
    Reference { checksum, address }
}

fn chain(trailer: Trailer) -> Chain {
    Chain { last: reference(trailer.last), size: trailer.size }
}

/// What the core says, as the model knows it.
pub(super) fn seen(header: &SuperblockHeader) -> Written {
    let CheckpointState { beat, acquired, released, manifest } = header.state();
    let ManifestReferences { oldest, newest, block_count } = manifest;
    Written {
        store: header.store(),
        sequence: header.sequence(),
        state: State {
            beat,
            acquired: chain(acquired),
            released: chain(released),
            oldest: reference(oldest),
            newest: reference(newest),
            block_count,
        },
        parent: header.parent(),
        checksum: Some(header.checksum()),
    }
}

#[cold]
pub(super) fn opened_wrongly(expected: &Expected, got: &Written) -> Divergence {
    Divergence {
        check: "opens-as-written",
        what: "the superblock opens as something else than what was acknowledged or under way",
        expected: expected.describe(),
        got: got.describe(),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn not_opened(expected: &Expected, error: SuperblockError) -> Divergence {
    Divergence {
        check: "opens-within-limits",
        what: "the superblock does not open, and the device has done nothing that could excuse that",
        expected: expected.describe(),
        got: error.to_string(),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn ended_wrongly(expected: &Written, got: &Written) -> Divergence {
    Divergence {
        check: "ends-as-begun",
        what: "what was acknowledged is not what was written",
        expected: expected.describe(),
        got: got.describe(),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn failed_without_reason(error: SuperblockError) -> Divergence {
    Divergence {
        check: "failure-has-a-reason",
        what: "a superblock could not be written, and the device did not fail",
        expected: "that it is written".to_owned(),
        got: error.to_string(),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn does_not_end(what: &str, ios: u64, queued: usize) -> Divergence {
    Divergence {
        check: "comes-to-an-end",
        what: "the superblock waits, and nothing ends its wait",
        expected: format!("that {what} ends"),
        got: format!("{ios} I/Os, and {queued} more in flight"),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn not_in_every_copy(got: String) -> Divergence {
    Divergence {
        check: "acknowledged-in-every-copy",
        what: "a superblock is acknowledged, and a copy does not hold it",
        expected: "every copy whole".to_owned(),
        got,
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn not_durable(sectors: usize) -> Divergence {
    Divergence {
        check: "acknowledged-is-durable",
        what: "a superblock is acknowledged, and a crash could still change it",
        expected: "every sector durable".to_owned(),
        got: format!("{sectors} versions of sectors that are not"),
        state: Vec::new(),
    }
}

#[cold]
pub(super) fn repaired_without_need(copies: u64) -> Divergence {
    Divergence {
        check: "sound-copies-need-no-repair",
        what: "copies of a sound superblock were taken for damaged",
        expected: "0 copies".to_owned(),
        got: format!("{copies} copies"),
        state: Vec::new(),
    }
}
