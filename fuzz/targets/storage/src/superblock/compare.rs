//! Converts values between the model and the core, and creates the divergences that several files
//! share.

use downbeat_lsm::superblock::{
    ChangingOptions, CheckpointState, ManifestReferences, SuperblockError, SuperblockHeader,
    Trailer,
};

use crate::store::{name, reference};
use downbeat::Divergence;
use downbeat::check::fail;
use downbeat_model::superblock::{Chain, Expected, State, Written};

fn to_trailer(chain: Chain) -> Trailer {
    Trailer { last: reference(chain.last), size: chain.size }
}

/// Converts a state of the model to the core.
pub(super) fn to_core(state: &State) -> CheckpointState {
    let State { beat, acquired, released, oldest, newest, block_count, options } = *state;
    CheckpointState {
        beat,
        options: ChangingOptions { block_count: options.0, checkpoint_interval: options.1 },
        acquired: to_trailer(acquired),
        released: to_trailer(released),
        manifest: ManifestReferences {
            oldest: reference(oldest),
            newest: reference(newest),
            block_count,
        },
    }
}

fn chain(trailer: Trailer) -> Chain {
    Chain { last: name(trailer.last), size: trailer.size }
}

/// Converts a header of the core to the model.
pub(super) fn seen(header: &SuperblockHeader) -> Written {
    let CheckpointState { beat, options, acquired, released, manifest } = header.state();
    let ManifestReferences { oldest, newest, block_count } = manifest;
    Written {
        store: header.store(),
        sequence: header.sequence(),
        state: State {
            beat,
            acquired: chain(acquired),
            released: chain(released),
            oldest: name(oldest),
            newest: name(newest),
            block_count,
            options: (options.block_count, options.checkpoint_interval),
        },
        parent: header.parent(),
        checksum: Some(header.checksum()),
    }
}

/// The divergence for a superblock that opened at a state that is not allowed.
#[cold]
pub(super) fn opened_wrongly(expected: &Expected, got: &Written) -> Divergence {
    fail("opens-as-written", expected.describe(), got.describe())
        .saying("the superblock opens as neither the acknowledged state nor the one under way")
}

/// The divergence for a superblock that did not open although the device's faults do not explain
/// it.
#[cold]
pub(super) fn not_opened(expected: &Expected, error: SuperblockError) -> Divergence {
    fail("opens-within-limits", expected.describe(), error)
        .saying("the superblock does not open, and no fault of the device explains it")
}

/// The divergence for a superblock that failed although the device did not.
#[cold]
pub(super) fn failed_without_reason(error: SuperblockError) -> Divergence {
    fail("failure-has-a-reason", "that it is written", error)
        .saying("a superblock is not written, but the device did not fail")
}

/// The divergence for a superblock that still waits after this many I/Os.
#[cold]
pub(super) fn does_not_end(what: &str, ios: u64, queued: usize) -> Divergence {
    let got = format!("{ios} I/Os, and {queued} more in flight");
    fail("comes-to-an-end", format!("that {what} ends"), got)
        .saying("the superblock waits, and its I/O does not come to an end")
}

/// The divergence for a copy that does not hold the acknowledged superblock.
#[cold]
pub(super) fn not_in_every_copy(got: String) -> Divergence {
    fail("acknowledged-in-every-copy", "every copy whole", got)
        .saying("a superblock is acknowledged, but a copy does not hold it")
}
