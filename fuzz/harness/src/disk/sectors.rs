//! The content of a device: an arena of chunks, and a table from chunk numbers to places in the
//! arena.
//!
//! - A chunk gets a place in the arena when a part of it is first written. The table holds 0 for
//!   all other chunks.
//! - Each cell (a sector, or the part of a sector in a chunk) has a bit that says whether it was
//!   written. Unwritten cells read as the background: zeros, or noise that is the same for each
//!   read.
//! - [`Sectors::reset`] costs O(chunks touched). Nothing is allocated if an earlier device was as
//!   large and had as many chunks touched.
//!
//! `log` knows which sectors are durable, and `damage` which are damaged.

use std::ops::Range;

use super::chance::mix;

const CHUNK: usize = 4096;

/// The content of a device; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Sectors {
    size: u64,
    sector_size: usize,
    background: u64,
    /// By chunk number: 0, or the place plus 1. Also 0 beyond the end of the device.
    table: Vec<u32>,
    /// By place: the number of the chunk.
    touched: Vec<u32>,
    /// By place: a bit for each cell that was written.
    written: Vec<u64>,
    /// By place: the bytes. Those of unwritten cells are undefined.
    bytes: Vec<u8>,
}

/// A part of a range that lies in one chunk.
#[derive(Clone, Copy)]
struct Piece {
    chunk: usize,
    /// The offset of the piece in the chunk.
    start: usize,
    /// The offset of the piece in the range.
    at: usize,
    length: usize,
}

impl Piece {
    /// Returns the position of the piece in the range.
    fn of(self) -> Range<usize> {
        self.at..self.at + self.length
    }

    /// Returns the position of the piece in the arena, if its chunk has this place.
    fn in_arena(self, place: usize) -> Range<usize> {
        let start = place * CHUNK + self.start;
        start..start + self.length
    }

    /// Returns the bits of the cells in the piece.
    fn mask(self, cell: usize) -> u64 {
        let first = self.start / cell;
        let last = (self.start + self.length - 1) / cell;
        let count = (last - first + 1) as u32;
        (u64::MAX >> (u64::BITS - count)) << first
    }
}

/// Splits a range of bytes into pieces.
#[inline]
fn pieces(offset: u64, length: usize) -> impl Iterator<Item = Piece> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == length {
            return None;
        }
        let position = offset + at as u64;
        let start = (position % CHUNK as u64) as usize;
        let chunk = (position / CHUNK as u64) as usize;
        let piece = Piece { chunk, start, at, length: (CHUNK - start).min(length - at) };
        at += piece.length;
        Some(piece)
    })
}

impl Sectors {
    /// Resets to a device on which nothing is written. Unwritten sectors read as zeros if
    /// `background` is 0, otherwise as noise.
    pub(super) fn reset(&mut self, size: u64, sector_size: usize, background: u64) {
        assert!(
            sector_size.is_power_of_two() && sector_size >= CHUNK / 64,
            "disk: a sector must be a power of two, of 64 bytes or more ({sector_size})",
        );
        assert!(
            size.is_multiple_of(sector_size as u64) && size / (sector_size as u64) < 1 << 32,
            "disk: a device must have whole sectors, fewer than 2^32 ({size})",
        );
        for chunk in &self.touched {
            self.table[*chunk as usize] = 0;
        }
        self.touched.clear();
        self.written.clear();
        let chunks = size.div_ceil(CHUNK as u64) as usize;
        if self.table.len() < chunks {
            // All entries are 0 here. The system provides zeroed memory only where it is touched,
            // so a large device takes no memory until it is written.
            self.table = vec![0; chunks];
        }
        self.size = size;
        self.sector_size = sector_size;
        self.background = background;
    }

    /// Becomes a copy of `other`. Costs O(chunks touched in either).
    pub(super) fn copy_from(&mut self, other: &Self) {
        let Self { size, sector_size, background, table: _, touched, written, bytes } = other;
        self.reset(*size, *sector_size, *background);
        for (place, chunk) in touched.iter().enumerate() {
            self.table[*chunk as usize] = place as u32 + 1;
        }
        self.touched.extend_from_slice(touched);
        self.written.extend_from_slice(written);
        let used = self.used_bytes();
        used.copy_from_slice(&bytes[..used.len()]);
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Changes the size. Beyond the new end, nothing may be written.
    pub(super) fn resize(&mut self, size: u64) {
        let chunks = size.div_ceil(CHUNK as u64) as usize;
        if self.table.len() < chunks {
            self.table.resize(chunks, 0);
        }
        self.size = size;
    }

    pub(super) fn sector_size(&self) -> usize {
        self.sector_size
    }

    #[inline]
    pub(super) fn sector_of(&self, offset: u64) -> u32 {
        (offset / self.sector_size as u64) as u32
    }

    #[inline]
    pub(super) fn offset_of(&self, sector: u32) -> u64 {
        u64::from(sector) * self.sector_size as u64
    }

    #[inline]
    fn cell(&self) -> usize {
        self.sector_size.min(CHUNK)
    }

    #[inline]
    fn place(&self, chunk: usize) -> Option<usize> {
        (self.table[chunk] as usize).checked_sub(1)
    }

    /// Returns whether a sector was written.
    #[inline]
    pub(super) fn is_written(&self, sector: u32) -> bool {
        let offset = self.offset_of(sector);
        let cell = (offset % CHUNK as u64) as usize / self.cell();
        let place = self.place((offset / CHUNK as u64) as usize);
        place.is_some_and(|place| self.written[place] & (1 << cell) != 0)
    }

    /// Reads whole sectors.
    #[inline]
    pub(super) fn read(&self, offset: u64, into: &mut [u8]) {
        let cell = self.cell();
        for piece in pieces(offset, into.len()) {
            let into = &mut into[piece.of()];
            let position = offset + piece.at as u64;
            let Some(place) = self.place(piece.chunk) else {
                fill(self.background, position, into);
                continue;
            };
            into.copy_from_slice(&self.bytes[piece.in_arena(place)]);
            if piece.mask(cell) & !self.written[place] != 0 {
                for (index, into) in into.chunks_mut(cell).enumerate() {
                    if self.written[place] & (1 << (piece.start / cell + index)) == 0 {
                        fill(self.background, position + (index * cell) as u64, into);
                    }
                }
            }
        }
    }

    /// Appends the content of a written sector to `into`.
    #[inline]
    pub(super) fn append_to(&self, sector: u32, into: &mut Vec<u8>) {
        for piece in pieces(self.offset_of(sector), self.sector_size) {
            let place = self.place(piece.chunk).expect("disk: a written chunk must have a place");
            into.extend_from_slice(&self.bytes[piece.in_arena(place)]);
        }
    }

    /// Writes whole sectors, or any part of written sectors.
    #[inline]
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) {
        let cell = self.cell();
        for piece in pieces(offset, bytes.len()) {
            let place = match self.place(piece.chunk) {
                Some(place) => place,
                None => self.take_place(piece.chunk),
            };
            self.written[place] |= piece.mask(cell);
            self.bytes[piece.in_arena(place)].copy_from_slice(&bytes[piece.of()]);
        }
    }

    /// Restores the background in a range of a written sector. If the range is the whole sector,
    /// the sector becomes unwritten.
    pub(super) fn unwrite(&mut self, sector: u32, range: Range<usize>) {
        let (cell, offset) = (self.cell(), self.offset_of(sector) + range.start as u64);
        let whole = range.len() == self.sector_size;
        for piece in pieces(offset, range.len()) {
            let place = self.place(piece.chunk).expect("disk: a written chunk must have a place");
            if whole {
                self.written[place] &= !piece.mask(cell);
            } else {
                let (background, position) = (self.background, offset + piece.at as u64);
                fill(background, position, &mut self.bytes[piece.in_arena(place)]);
            }
        }
    }

    fn take_place(&mut self, chunk: usize) -> usize {
        let place = self.touched.len();
        self.touched.push(chunk as u32);
        self.written.push(0);
        self.table[chunk] = place as u32 + 1;
        self.used_bytes();
        place
    }

    /// Returns the bytes of the places that are taken. Allocates them if they were never used.
    fn used_bytes(&mut self) -> &mut [u8] {
        let used = self.touched.len() * CHUNK;
        if self.bytes.len() < used {
            self.bytes.resize(used, 0);
        }
        &mut self.bytes[..used]
    }
}

/// Fills `into` with the background.
fn fill(background: u64, offset: u64, into: &mut [u8]) {
    if background == 0 {
        into.fill(0);
        return;
    }
    for (index, byte) in into.iter_mut().enumerate() {
        let position = offset + index as u64;
        *byte = (mix(&[background, position / 8]) >> (position % 8 * 8)) as u8;
    }
}
