//! The image of the simulated disk, compared with a naive one: all bytes, and a list of versions
//! that are not durable.

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use downbeat::disk::{Fate, Image, Unflushed};

use crate::ways::Ways;

/// A device as a list: the durable content, and each later version of each sector, in order.
#[derive(Clone, Default)]
struct Naive {
    sector_size: usize,
    durable: Vec<u8>,
    versions: Vec<Version>,
}

#[derive(Clone)]
struct Version {
    sector: u32,
    bytes: Vec<u8>,
    doomed: bool,
}

impl Naive {
    fn sector<'a>(&self, bytes: &'a mut [u8], sector: u32) -> &'a mut [u8] {
        &mut bytes[sector as usize * self.sector_size..][..self.sector_size]
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        let first = (offset / self.sector_size as u64) as u32;
        for (sector, bytes) in (first..).zip(bytes.chunks(self.sector_size)) {
            self.versions.push(Version { sector, bytes: bytes.to_vec(), doomed: false });
        }
    }

    fn now(&self) -> Vec<u8> {
        let mut now = self.durable.clone();
        for version in &self.versions {
            self.sector(&mut now, version.sector).copy_from_slice(&version.bytes);
        }
        now
    }

    fn flush(&mut self) {
        let mut durable = std::mem::take(&mut self.durable);
        let is_durable = |version: &&Version| !version.doomed;
        for version in self.versions.iter().filter(is_durable) {
            self.sector(&mut durable, version.sector).copy_from_slice(&version.bytes);
        }
        self.durable = durable;
        let written: Vec<u32> =
            self.versions.iter().filter(is_durable).map(|version| version.sector).collect();
        self.versions.retain(|version| version.doomed && !written.contains(&version.sector));
    }

    fn fail_flush(&mut self) {
        self.versions.iter_mut().for_each(|version| version.doomed = true);
    }

    fn crash(&mut self, fate: impl Fn(u32, u32) -> Fate) {
        let mut durable = std::mem::take(&mut self.durable);
        for (index, Version { sector, bytes, .. }) in self.versions.iter().enumerate() {
            let later = &self.versions[index + 1..];
            let newer = later.iter().filter(|version| version.sector == *sector).count() as u32;
            let range = match fate(*sector, newer) {
                Fate::Survives => 0..bytes.len(),
                Fate::Vanishes => 0..0,
                Fate::TornAfter(at) => 0..at,
                Fate::TornBefore(at) => at..bytes.len(),
            };
            self.sector(&mut durable, *sector)[range.clone()].copy_from_slice(&bytes[range]);
        }
        self.durable = durable;
        self.versions.clear();
    }
}

fn content(image: &Image) -> Vec<u8> {
    let mut bytes = vec![0; image.size() as usize];
    image.read(0, &mut bytes).expect("nothing is damaged");
    bytes
}

/// A fate for each version. It does not depend on the order of the calls.
fn fate(luck: u64, sector_size: usize, sector: u32, newer: u32) -> Fate {
    let mixed = (luck ^ (u64::from(sector) << 8) ^ u64::from(newer))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(23)
        .wrapping_mul(0xd6e8_feb8_6659_fd93);
    let at = 1 + (mixed >> 40) as usize % (sector_size - 1);
    match (mixed >> 32) % 4 {
        0 => Fate::Survives,
        1 => Fate::Vanishes,
        2 => Fate::TornAfter(at),
        _ => Fate::TornBefore(at),
    }
}

/// Runs one history on a used image, a new one, and the naive one.
fn history(input: &mut Unstructured<'_>, used: &mut Image) -> Result<()> {
    let sector_size = 64 << input.int_in_range(0..=8)?;
    let sectors = input.int_in_range(1..=12)?;
    let size = (sectors * sector_size) as u64;
    let mut fresh = Image::new();
    for image in [&mut fresh, &mut *used] {
        image.reset(size, sector_size, 0);
    }
    let mut naive = Naive { sector_size, durable: vec![0; size as usize], versions: Vec::new() };
    let mut stamp = 0_u8;
    for _ in 0..input.int_in_range(0..=24)? {
        match input.int_in_range(0..=9)? {
            0..=5 => {
                let first = input.int_in_range(0..=sectors - 1)?;
                let count = input.int_in_range(1..=sectors - first)?;
                stamp += 1;
                let bytes: Vec<u8> = (0..count * sector_size)
                    .map(|index| stamp.wrapping_mul(16).wrapping_add((index / 7) as u8 | 1))
                    .collect();
                let offset = (first * sector_size) as u64;
                naive.write(offset, &bytes);
                fresh.write(offset, &bytes);
                used.write(offset, &bytes);
            }
            6 => {
                naive.flush();
                fresh.flush();
                used.flush();
            }
            7 => {
                naive.fail_flush();
                fresh.fail_flush();
                used.fail_flush();
            }
            _ => {
                let luck: u64 = input.arbitrary()?;
                naive.crash(|sector, newer| fate(luck, sector_size, sector, newer));
                let decide = &mut |version: Unflushed| {
                    fate(luck, sector_size, version.sector, version.newer)
                };
                // Crashes a copy first, which must not change the image.
                let mut copy = Image::new();
                copy.copy_from(used);
                let before = content(used);
                copy.crash(decide);
                assert_eq!(content(used), before);
                assert_eq!(content(&copy), naive.now());
                fresh.crash(decide);
                used.copy_from(&copy);
            }
        }
        assert_eq!(fresh.unflushed().len(), naive.versions.len());
        let expected = naive.now();
        assert_eq!(content(&fresh), expected);
        assert_eq!(content(used), expected);
    }
    Ok(())
}

#[test]
fn an_image_equals_its_list_of_writes_whatever_it_held_before() {
    let mut used = Image::new();
    arbtest(|input| history(input, &mut used)).budget_ms(2_000);
}

#[test]
fn every_crash_is_enumerated_exactly_once() {
    let (mut image, mut trial) = (Image::new(), Image::new());
    image.reset(256, 64, 0);
    image.write(0, &[1; 64]);
    image.flush();
    // Two versions of sector 0, one of sector 1, and a durable one of sector 2.
    image.write(128, &[9; 64]);
    image.flush();
    image.write(0, &[2; 128]);
    image.write(0, &[3; 64]);
    let mut seen = std::collections::BTreeSet::new();
    let fates = [Fate::Survives, Fate::Vanishes, Fate::TornAfter(32)];
    let mut ways = Ways::new(&fates);
    loop {
        trial.copy_from(&image);
        trial.crash(&mut |_| ways.fate());
        seen.insert(content(&trial));
        if !ways.advance() {
            break;
        }
    }
    // Sector 0: the newest version survives, or it vanishes or is torn, with three fates of the
    // older one each. Sector 1: three.
    assert_eq!(ways.tried(), (1 + 2 * 3) * 3);
    // If both versions are torn at the same place, the older one leaves no more bytes than if it
    // vanishes.
    assert_eq!(seen.len(), (1 + 3 + 2) * 3);
    assert!(seen.iter().all(|bytes| bytes[128..192] == [9; 64] && bytes[192..] == [0; 64]));
}
