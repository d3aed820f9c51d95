//! Random forgeries.

use std::panic::{AssertUnwindSafe, catch_unwind};

use downbeat_lsm::store::StoreOptions;

use super::image::{Group, Image};
use super::play::{End, play};
use crate::random::Random;
use crate::records::{Entry, Numbered, Object};

/// Changes a random field.
fn change(image: &mut Image, random: &mut Random) {
    let group = Group::ALL[random.below(Group::ALL.len() as u64) as usize];
    let fields = image.fields(group);
    let place = random.below(fields.len().max(1) as u64) as usize;
    let Some(&(offset, size)) = fields.get(place) else { return };
    let old = image.number(offset, size);
    let new = match random.below(11) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => old.wrapping_add(1),
        4 => old.wrapping_sub(1),
        5 => old ^ 1 << random.below(8 * size as u64),
        6 => {
            let blocks = image.blocks();
            blocks[random.below(blocks.len() as u64) as usize]
        }
        7 => 1 + random.below(image.options.layout.block_count),
        8 => random.below(170),
        9 => u64::MAX - random.below(4),
        _ => {
            let alike: Vec<_> = fields.iter().filter(|field| field.1 == size).collect();
            image.number(alike[random.below(alike.len() as u64) as usize].0, size)
        }
    };
    image.set(offset, size, new);
}

/// Gives a random table the value blocks of another one.
fn alias(image: &mut Image, random: &mut Random) {
    let count = image.tables.len() as u64;
    if count < 2 {
        return;
    }
    let one = image.tables[random.below(count) as usize].clone();
    let other = image.tables[random.below(count) as usize].clone();
    image.alias(&one, &other);
}

fn forge(image: &mut Image, random: &mut Random) {
    if random.below(6) == 0 {
        alias(image, random);
    }
    for _ in 0..1 + random.below(3) {
        change(image, random);
    }
    if random.below(3) == 0 {
        image.adapt_keys();
    }
    image.seal();
}

/// Files with some history, of stores of different sizes.
fn images<R: Numbered>(random: &mut Random) -> Vec<Image> {
    let mut images = Vec::new();
    for number in 0..6 {
        let mut options = StoreOptions::tiny(if number % 3 == 0 { 640 } else { 768 });
        options.tree.level_count = 5;
        // Index blocks have room for a few keys of either width.
        options.layout.block_size = 16 * size_of::<R>();
        if number % 2 == 1 {
            // Tables of three value blocks.
            options.tree.beat_value_count_max = 8;
            options.tree.growth_factor = 3;
        }
        options.checkpoint_interval = 1 + number % 2;
        images.push(Image::new::<R>(&options, random));
    }
    images
}

#[test]
fn a_file_that_is_sealed_again_works() {
    let mut random = Random(1);
    for mut image in images::<Object>(&mut random) {
        let bytes = image.bytes.clone();
        image.adapt_keys();
        image.seal();
        assert_eq!(image.bytes, bytes);
        assert_eq!(play::<Object>(&image, &mut random), End::Worked);
    }
    for image in images::<Entry>(&mut random) {
        assert_eq!(play::<Entry>(&image, &mut random), End::Worked);
    }
}

fn assert_refused_or_works<R: Numbered>(forgeries: u64) {
    let images = images::<R>(&mut Random(1));
    let (mut refused, mut read_only, mut worked) = (0, 0, 0);
    for seed in 0..forgeries {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut image = images[random.below(images.len() as u64) as usize].clone();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            forge(&mut image, &mut random);
            play::<R>(&image, &mut random)
        }));
        match ended.unwrap_or_else(|_| panic!("the store panics with the forgery {seed}")) {
            End::Refused(_) => refused += 1,
            End::Unreadable(_) | End::ReadOnly(_) => read_only += 1,
            End::Worked => worked += 1,
        }
    }
    // More than one forgery in 20 reaches each end.
    let least = refused.min(read_only).min(worked);
    assert!(least > forgeries / 20, "{refused}, {read_only}, {worked}");
}

#[test]
fn random_forgeries_are_refused_or_work() {
    assert_refused_or_works::<Object>(1000);
}

#[test]
fn random_forgeries_of_an_index_are_refused_or_work() {
    assert_refused_or_works::<Entry>(500);
}
