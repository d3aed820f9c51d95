//! From the model's numbers to the core's and back, and what is said where they differ.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::superblock::{
    CheckpointState, ManifestReferences, SuperblockError, SuperblockHeader, Trailer,
};

use downbeat::failure::Divergence;
use downbeat::model::store::Reference;
use downbeat::model::superblock::{Chain, Expected, State, Written};

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
    Divergence::new(
        "opens-as-written",
        "the superblock opens as something else than what was acknowledged or under way",
        expected.describe(),
        got.describe(),
    )
}

#[cold]
pub(super) fn not_opened(expected: &Expected, error: SuperblockError) -> Divergence {
    Divergence::new(
        "opens-within-limits",
        "the superblock does not open, and the device has done nothing that could excuse that",
        expected.describe(),
        error,
    )
}

#[cold]
pub(super) fn ended_wrongly(expected: &Written, got: &Written) -> Divergence {
    Divergence::new(
        "ends-as-begun",
        "what was acknowledged is not what was written",
        expected.describe(),
        got.describe(),
    )
}

#[cold]
pub(super) fn failed_without_reason(error: SuperblockError) -> Divergence {
    Divergence::new(
        "failure-has-a-reason",
        "a superblock could not be written, and the device did not fail",
        "that it is written",
        error,
    )
}

#[cold]
pub(super) fn does_not_end(what: &str, ios: u64, queued: usize) -> Divergence {
    Divergence::new(
        "comes-to-an-end",
        "the superblock waits, and nothing ends its wait",
        format!("that {what} ends"),
        format!("{ios} I/Os, and {queued} more in flight"),
    )
}

#[cold]
pub(super) fn not_in_every_copy(got: String) -> Divergence {
    Divergence::new(
        "acknowledged-in-every-copy",
        "a superblock is acknowledged, and a copy does not hold it",
        "every copy whole",
        got,
    )
}

#[cold]
pub(super) fn not_durable(sectors: usize) -> Divergence {
    Divergence::new(
        "acknowledged-is-durable",
        "a superblock is acknowledged, and a crash could still change it",
        "every sector durable",
        format!("{sectors} versions of sectors that are not"),
    )
}

#[cold]
pub(super) fn repaired_without_need(copies: u64) -> Divergence {
    Divergence::new(
        "sound-copies-need-no-repair",
        "copies of a sound superblock were taken for damaged",
        "0 copies",
        format!("{copies} copies"),
    )
}
