//! Finds the records of a file, with only the information in `FORMAT.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{assert_fields, bytes, number as number_in, rows, value};

/// The sizes of a store, which the reader does not take from the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) sector: usize,
    pub(crate) block: usize,
    pub(crate) copies: usize,
    pub(crate) block_count: u64,
    pub(crate) key: usize,
    pub(crate) record: usize,
}

/// The content of a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// The records of each level. Level 0 is the newest. The records of a table are in the order of
    /// their keys.
    pub(crate) records: BTreeMap<u8, Vec<Vec<u8>>>,
    /// The addresses in the encoded set of acquired blocks, and in that of released blocks.
    pub(crate) acquired: BTreeSet<u64>,
    pub(crate) released: BTreeSet<u64>,
    /// The blocks of the encoded sets.
    pub(crate) trailers: BTreeSet<u64>,
    /// The blocks of the manifest log and of tables.
    pub(crate) reachable: BTreeSet<u64>,
}

struct File<'a> {
    bytes: &'a [u8],
    sizes: Sizes,
}

/// A block whose checksum is right.
struct Block<'a> {
    header: &'a [u8],
    body: &'a [u8],
}

impl Block<'_> {
    fn value(&self, field: &str) -> u128 {
        value("Block header", self.header, field)
    }

    fn metadata(&self) -> &[u8] {
        bytes("Block header", self.header, "metadata")
    }

    fn previous(&self) -> (u128, u64) {
        let metadata = self.metadata();
        (value("Reference", metadata, "checksum"), value("Reference", metadata, "address") as u64)
    }
}

/// Reads a whole file, in which all copies of the superblock are the same.
pub(crate) fn read(bytes: &[u8], sizes: Sizes) -> Contents {
    let file = File { bytes, sizes };
    let superblock = file.superblock();
    let field = |name: &str| value("Superblock", superblock, name);
    let reference =
        |name: &str| (field(&format!("{name} checksum")), field(&format!("{name} address")) as u64);
    let mut contents = Contents::default();
    for (name, set) in [("acquired", &mut contents.acquired), ("released", &mut contents.released)]
    {
        let stream_size = field(&format!("{name} size")) as usize;
        let stream = file.chain(reference(name), stream_size, &mut contents.trailers);
        *set = file.decode(&stream);
    }
    let tables = file.tables(
        reference("newest"),
        reference("oldest"),
        field("log blocks") as usize,
        &mut contents.reachable,
    );
    for entry in tables {
        let level = value("Manifest entry", entry, "label") as u8 & 63;
        let records = file.table(entry, &mut contents.reachable);
        contents.records.entry(level).or_default().extend(records);
    }
    contents
}

impl<'a> File<'a> {
    fn superblock(&self) -> &'a [u8] {
        let copy_size = 512_usize.next_multiple_of(self.sizes.sector);
        let copies = self.bytes.chunks(copy_size).take(self.sizes.copies);
        for (number, copy) in copies.enumerate() {
            let checksum = value("Superblock", copy, "checksum");
            assert_eq!(checksum, downbeat_lsm::block::checksum(&copy[32..512]));
            assert_eq!(value("Superblock", copy, "copy"), number as u128);
            assert_eq!(checksum, value("Superblock", self.bytes, "checksum"));
        }
        &self.bytes[..512]
    }

    fn block(&self, (checksum, address): (u128, u64), kind: u128) -> Block<'a> {
        let Sizes { sector, block, copies, .. } = self.sizes;
        let grid = (copies * 512_usize.next_multiple_of(sector)).next_multiple_of(block);
        let bytes = &self.bytes[grid + (address as usize - 1) * block..][..block];
        let field = |name: &str| value("Block header", bytes, name);
        let size = field("size") as usize;
        assert_eq!(field("checksum"), downbeat_lsm::block::checksum(&bytes[16..size]));
        assert_eq!(
            (field("checksum"), field("address"), field("version"), field("kind")),
            (checksum, address.into(), 1, kind),
        );
        assert!(bytes[size..size.next_multiple_of(sector)].iter().all(|byte| *byte == 0));
        Block { header: &bytes[..64], body: &bytes[64..size] }
    }

    /// The stream in a chain of blocks.
    fn chain(&self, last: (u128, u64), size: usize, blocks: &mut BTreeSet<u64>) -> Vec<u8> {
        let mut pieces = Vec::new();
        let mut next = last;
        while next != (0, 0) {
            let block = self.block(next, 1);
            assert_eq!((block.value("tree"), block.value("snapshot")), (0, 0));
            blocks.insert(next.1);
            next = block.previous();
            pieces.push(block.body);
        }
        pieces.reverse();
        if let Some((_, full)) = pieces.split_last() {
            assert!(full.iter().all(|piece| piece.len() == self.sizes.block - 64));
        }
        let stream = pieces.concat();
        assert_eq!(stream.len(), size);
        stream
    }

    /// The addresses in a stream.
    fn decode(&self, stream: &[u8]) -> BTreeSet<u64> {
        let mut words = stream.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut decoded = Vec::new();
        while let Some(marker) = words.next() {
            let run = marker >> 1 & ((1 << 31) - 1);
            decoded.extend((0..run).map(|_| if marker & 1 == 1 { u64::MAX } else { 0 }));
            decoded.extend(words.by_ref().take((marker >> 32) as usize));
        }
        let bits = decoded.iter().enumerate().flat_map(|(number, word)| {
            let set = (0..64).filter(move |bit| word >> bit & 1 == 1);
            set.map(move |bit| 64 * number as u64 + bit + 1)
        });
        let addresses: BTreeSet<u64> = bits.collect();
        assert!(addresses.iter().all(|address| *address <= self.sizes.block_count));
        addresses
    }

    /// The entries of the live tables.
    fn tables(
        &self,
        newest: (u128, u64),
        oldest: (u128, u64),
        count: usize,
        blocks: &mut BTreeSet<u64>,
    ) -> Vec<&'a [u8]> {
        let mut next = newest;
        let mut last = (0, 0);
        let mut known = BTreeSet::new();
        let mut tables = Vec::new();
        for _ in 0..count {
            let block = self.block(next, 2);
            assert_eq!((block.value("tree"), block.value("snapshot")), (0, 0));
            blocks.insert(next.1);
            for entry in block.body.rchunks_exact(112) {
                let event = value("Manifest entry", entry, "label") as u8 >> 6;
                let address = value("Manifest entry", entry, "address");
                // The first entry found for an address is the valid one.
                if known.insert(address) && event != 3 {
                    assert_eq!(
                        value("Manifest entry", entry, "snapshot_max"),
                        u128::from(u64::MAX)
                    );
                    tables.push(entry);
                }
            }
            last = next;
            next = block.previous();
        }
        assert_eq!(last, oldest);
        tables
    }

    /// The records of the table of an entry.
    fn table(&self, entry: &[u8], blocks: &mut BTreeSet<u64>) -> Vec<Vec<u8>> {
        let Sizes { key, record, block: block_size, .. } = self.sizes;
        let field = |name: &str| value("Manifest entry", entry, name);
        let (name, tree) = ((field("checksum"), field("address") as u64), field("tree"));
        let index = self.block(name, 3);
        blocks.insert(name.1);
        let metadata = |name: &str| value("Index metadata", index.metadata(), name) as usize;
        assert_eq!((index.value("tree"), index.value("snapshot")), (tree, field("snapshot_min")));
        assert_eq!((metadata("key size"), metadata("record size")), (key, record));
        let (count, max) = (metadata("value blocks"), metadata("value blocks max"));
        let known = [count, max, key, record].map(|number| (number as u32).to_le_bytes());
        let names = ["value blocks", "value blocks max", "key size", "record size"];
        let known: Vec<_> = names.into_iter().zip(known.iter().map(|number| &number[..])).collect();
        assert_fields("Index metadata", index.metadata(), &known);
        assert_eq!(index.body.len(), max * (24 + 2 * key));
        let mut rest = index.body;
        let mut array = |size: usize| {
            let (array, behind) = rest.split_at(max * size);
            rest = behind;
            assert!(array[count * size..].iter().all(|byte| *byte == 0));
            array.chunks(size).take(count)
        };
        let sizes = rows("Index arrays", 0);
        let sizes =
            sizes.iter().map(|row| if row[1] == "K" { key } else { number_in(row[1]) as usize });
        let arrays: Vec<Vec<&[u8]>> = sizes.map(|size| array(size).collect()).collect();
        let [checksums, firsts, lasts, addresses] = &arrays[..] else {
            panic!("an index has four arrays")
        };
        let number =
            |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
        let full = (block_size - 64) / record;
        let mut records: Vec<Vec<u8>> = Vec::new();
        for place in 0..count {
            let address = number(addresses[place]) as u64;
            let values = self.block((number(checksums[place]), address), 4);
            blocks.insert(address);
            let metadata = |name: &str| value("Value metadata", values.metadata(), name) as usize;
            assert_eq!(
                (values.value("tree"), values.value("snapshot")),
                (tree, field("snapshot_min"))
            );
            assert_eq!((metadata("records max"), metadata("record size")), (full, record));
            assert!(metadata("records") == full || place == count - 1);
            assert_eq!(values.body.len(), metadata("records") * record);
            assert_eq!(&values.body[..key], firsts[place]);
            assert_eq!(&values.body[values.body.len() - record..][..key], lasts[place]);
            records.extend(values.body.chunks(record).map(<[u8]>::to_vec));
        }
        assert_eq!(records.len() as u128, field("value_count"));
        let ends = [records.first(), records.last()]
            .map(|record| &record.expect("the block has a record")[..key]);
        let stored =
            ["key_min", "key_max"].map(|name| &bytes("Manifest entry", entry, name)[..key]);
        assert_eq!(ends, stored);
        records
    }
}
