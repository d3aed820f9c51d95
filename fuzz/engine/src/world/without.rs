//! Operations that are left out, because a known bug in them would hide other bugs.

use std::sync::OnceLock;

use downbeat::input::encoding::Operation as _;
use downbeat::protocol::WITHOUT_VARIABLE;

use crate::operations::Operation;

/// Whether an operation does nothing in this process.
pub(super) fn is_left_out(operation: &Operation) -> bool {
    static LEFT_OUT: OnceLock<Vec<bool>> = OnceLock::new();
    let left_out = LEFT_OUT.get_or_init(|| {
        let names = std::env::var(WITHOUT_VARIABLE).unwrap_or_default();
        let is_named = |kind: &str| names.split(',').any(|name| name == kind);
        Operation::KINDS.iter().map(|kind| is_named(kind.name)).collect()
    });
    left_out[operation.kind()]
}
