//! Compares the bytes of two stores that must be alike.

use downbeat_lsm::block::{BODY_OFFSET, BlockReference, open};
use downbeat_lsm::grid::Grid;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::superblock::Superblock;

use downbeat::Checked;
use downbeat::check::holds;
use downbeat::disk::{SimulatedDisk, Unit};

/// Checks that a store and its twin use the same blocks, that these have the same bytes, and that
/// the superblocks are equal. All writes of both stores have completed.
///
/// Bytes are read as if no sector were damaged. A block that a crash lost, although its flush had
/// been reported, is not compared.
pub fn compare_devices(grids: [&Grid<SimulatedDisk>; 2], superblocks: [&Superblock; 2]) -> Checked {
    let layout = grids[0].layout();
    let mut bytes = [vec![0; layout.block_size()], vec![0; layout.block_size()]];
    let mut in_use = grids.map(|grid| grid.free_set().in_use());
    loop {
        let next = in_use.each_mut().map(Iterator::next);
        let text = |block: Option<(u64, BlockState)>| {
            block.map_or("no more".to_owned(), |(address, it)| format!("{address}: {it:?}"))
        };
        holds("blocks-are-used-alike", next[0] == next[1])
            .show(|| (text(next[0]), text(next[1])))
            .or("the blocks of the twin or their states differ from the first store's")?;
        let Some((address, state)) = next[0] else { break };
        let is_lost = grids.iter().any(|grid| grid.storage().is_forgotten(Unit::Block(address)));
        if state != BlockState::Acquired || is_lost {
            continue;
        }
        for (grid, bytes) in grids.iter().zip(&mut bytes) {
            let image = grid.storage().image();
            image.read_undamaged(layout.block(address).offset, bytes);
        }
        // The space after the body may still have bytes of an earlier, longer block.
        let [one, other] = [0, 1].map(|it| block(&bytes[it], address, layout.sector_size()));
        let name = |bytes: &[u8]| format!("{:x?}", &bytes[..64]);
        holds("bytes-are-the-same", one.is_some() && one == other)
            .show(|| (format!("block {address}: {}", name(&bytes[0])), name(&bytes[1])))
            .or("the bytes of a block differ between the two stores")?;
    }
    let trailers = grids.map(Grid::trailer_blocks);
    let headers = superblocks
        .map(|it| (it.working().checksum(), it.working().sequence(), it.working().state()));
    let are_same = headers[0] == headers[1] && trailers[0] == trailers[1];
    holds("bytes-are-the-same", are_same)
        .show(|| (format!("{:?}", headers[0]), format!("{:?}", headers[1])))
        .or("the superblock or the free set of the twin differs")
}

/// The header and the body of a block; `None` if the block is damaged.
fn block(bytes: &[u8], address: u64, sector_size: usize) -> Option<&[u8]> {
    let (checksum, _) = bytes.split_first_chunk()?;
    let reference = BlockReference { checksum: u128::from_le_bytes(*checksum), address };
    let block = open(bytes, reference, sector_size).ok()?;
    Some(&bytes[..BODY_OFFSET + block.body.len()])
}
