//! Which superblock the copies on a device stand for. Slices in, values out.
//!
//! - A superblock is held by the slots whose copies are whole and were written for these slots. It has the
//!   quorum if it is held by half of all slots or more.
//! - Of those with the quorum, the one of the highest sequence is chosen. One without proves nothing: it is
//!   what an interrupted checkpoint left, or what damage did.
//! - Two with the quorum and the same sequence are a fork, and two that follow one another must be
//!   connected by the checksum of the parent: both cannot come from one history, and are refused.
//!
//! What this does not do: it does not read, and says nothing of what a superblock means.

use super::SuperblockHeader;
use crate::block::Reason;

/// The slots that must hold a superblock for it to be opened, of `copies` in all.
#[must_use]
pub const fn threshold(copies: usize) -> usize {
    copies / 2
}

/// The superblock that these copies stand for, by the number of a slot that holds it. A copy is `None` if it is
/// damaged or was not written for its slot.
///
/// # Errors
///
/// Why there is none.
///
/// # Panics
///
/// If there are no slots.
pub fn choose(copies: &[Option<SuperblockHeader>]) -> Result<usize, Reason> {
    assert!(!copies.is_empty(), "superblock: there must be a slot");
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
        // Two halves of the slots: there is no third.
        return Ok(if is_newer { slot } else { other });
    }
    found.map(|(slot, _)| slot).ok_or_else(|| {
        if copies.iter().all(Option::is_none) { Reason::NotFormatted } else { Reason::QuorumLost }
    })
}
