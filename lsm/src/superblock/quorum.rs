//! The choice of the superblock from the copies on a device. It is a pure function of its
//! arguments.
//!
//! - A slot contains a superblock if its copy has a matching checksum and was written for this
//!   slot. A superblock has the quorum if at least half of all slots contain it.
//! - Of the superblocks with the quorum, the one with the highest sequence is chosen. A superblock
//!   without the quorum is ignored: it is a remnant of an interrupted checkpoint, or damage.
//! - Two superblocks with the quorum and the same sequence are a fork. If two superblocks with the
//!   quorum have different sequences, the newer one must directly follow the older one and contain
//!   its checksum as the parent. Otherwise they do not have the same history. Opening fails in both
//!   cases.
//! - If a superblock with the quorum has another version, opening fails: its sequence and its
//!   parent may be in other places, so it is not compared with others.
//!
//! The caller checks the fields of the chosen superblock.

use super::SuperblockHeader;
use crate::block::Reason;

/// Returns how many of `copies` slots must contain a superblock for it to be opened.
#[must_use]
pub const fn threshold(copies: usize) -> usize {
    copies / 2
}

/// Returns the number of a slot that contains the superblock to open. A copy is `None` if it is
/// damaged or was not written for its slot.
///
/// # Errors
///
/// Returns the reason why there is no such superblock.
///
/// # Panics
///
/// If there are no slots.
pub fn choose(copies: &[Option<SuperblockHeader>]) -> Result<usize, Reason> {
    assert!(!copies.is_empty(), "superblock: a quorum needs at least one copy");
    let threshold = threshold(copies.len()).max(1);
    let holders = |header: &SuperblockHeader| {
        copies.iter().flatten().filter(|other| other.is_same(header)).count()
    };
    let mut found: Option<(usize, &SuperblockHeader)> = None;
    for (slot, header) in copies.iter().enumerate() {
        let Some(header) = header else { continue };
        if let Some((_, best)) = found
            && header.is_same(best)
        {
            continue;
        }
        if holders(header) < threshold {
            continue;
        }
        if !header.is_version_known() {
            return Err(Reason::Version);
        }
        let Some((other, best)) = found else {
            found = Some((slot, header));
            continue;
        };
        let is_newer = header.sequence() > best.sequence();
        let (older, newer) = if is_newer { (best, header) } else { (header, best) };
        if older.sequence() == newer.sequence() {
            return Err(Reason::Fork);
        }
        if older.sequence() + 1 != newer.sequence() || newer.parent() != older.checksum() {
            return Err(Reason::ParentNotConnected);
        }
        // Each of the two has half of the slots, so there is no third.
        return Ok(if is_newer { slot } else { other });
    }
    found.map(|(slot, _)| slot).ok_or_else(|| {
        if copies.iter().all(Option::is_none) { Reason::NotFormatted } else { Reason::QuorumLost }
    })
}
