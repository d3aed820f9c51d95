//! The contents of a file: pages, of which those without data are absent.

use std::collections::BTreeMap;

/// The size of a page in bytes.
pub(crate) const PAGE: usize = 4096;

type Page = Box<[u8; PAGE]>;

/// The bytes of a file. Bytes that were never written are zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    size: u64,
    /// By number. Bytes at or above `size` are zero.
    pages: BTreeMap<u64, Page>,
}

impl Contents {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Writes bytes. The file grows if they end above its size.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.size = self.size.max(offset + bytes.len() as u64);
        for (page, start, piece) in pieces(offset, bytes, PAGE) {
            let page = self.pages.entry(page).or_insert_with(|| Box::new([0; PAGE]));
            page[start..start + piece.len()].copy_from_slice(piece);
        }
    }

    /// Sets `length` bytes to zero. The size stays.
    pub(crate) fn zero(&mut self, offset: u64, length: u64) {
        let end = (offset + length).min(self.pages_end());
        let mut at = offset;
        while at < end {
            let start = (at % PAGE as u64) as usize;
            let next = (at - start as u64 + PAGE as u64).min(end);
            if let Some(page) = self.pages.get_mut(&(at / PAGE as u64)) {
                page[start..start + (next - at) as usize].fill(0);
            }
            at = next;
        }
    }

    /// Cuts the file, or extends it by zeros.
    pub(crate) fn resize(&mut self, size: u64) {
        if size < self.size {
            let kept = size.next_multiple_of(PAGE as u64);
            self.pages.split_off(&(kept / PAGE as u64));
            self.zero(size, kept - size);
        }
        self.size = size;
    }

    /// The bytes of page `number`, if it has data.
    pub(crate) fn page(&self, number: u64) -> Option<&[u8; PAGE]> {
        self.pages.get(&number).map(|page| &**page)
    }

    /// The pages with data, each with its offset, cut at the size of the file.
    pub(crate) fn data(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.pages.iter().filter_map(|(number, page)| {
            let offset = number * PAGE as u64;
            let length = self.size.saturating_sub(offset).min(PAGE as u64);
            let bytes = &page[..length as usize];
            bytes.iter().any(|byte| *byte != 0).then_some((offset, bytes))
        })
    }

    fn pages_end(&self) -> u64 {
        self.pages.last_key_value().map_or(0, |(number, _)| (number + 1) * PAGE as u64)
    }
}

/// The pieces of a write in units of `unit` bytes: the number of the unit, the place in it, and the
/// bytes.
pub(crate) fn pieces(
    offset: u64,
    bytes: &[u8],
    unit: usize,
) -> impl Iterator<Item = (u64, usize, &[u8])> {
    let mut at = offset;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = (at % unit as u64) as usize;
        let (piece, after) = rest.split_at(rest.len().min(unit - start));
        let number = at / unit as u64;
        at += piece.len() as u64;
        rest = after;
        Some((number, start, piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(contents: &Contents) -> Vec<u8> {
        let mut bytes = vec![0; contents.size() as usize];
        for (offset, data) in contents.data() {
            bytes[offset as usize..][..data.len()].copy_from_slice(data);
        }
        bytes
    }

    #[test]
    fn contents_are_those_of_a_vector() {
        let (mut contents, mut model) = (Contents::default(), Vec::new());
        let mut random = 7_u64;
        let mut below = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) % limit
        };
        for step in 0..2000_u64 {
            let (offset, length) = (below(20_000), below(6000) as usize);
            match below(4) {
                0 => {
                    contents.resize(offset);
                    model.resize(offset as usize, 0);
                }
                1 => {
                    let end = (offset as usize + length).min(model.len());
                    contents.zero(offset, length as u64);
                    model.get_mut(offset as usize..end).unwrap_or_default().fill(0);
                }
                _ => {
                    let written = vec![step as u8 | 1; length];
                    contents.write(offset, &written);
                    let end = offset as usize + length;
                    model.resize(model.len().max(end), 0);
                    model[offset as usize..end].copy_from_slice(&written);
                }
            }
            assert!(bytes(&contents) == model, "step {step}");
        }
    }

    #[test]
    fn an_empty_write_at_an_offset_does_not_matter_to_pieces() {
        assert_eq!(pieces(5, b"", 4).count(), 0);
        let all: Vec<_> = pieces(3, b"abcdef", 4).collect();
        assert_eq!(all, [(0, 3, &b"a"[..]), (1, 0, b"bcde"), (2, 0, b"f")]);
    }
}
