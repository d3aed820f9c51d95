//! Random forgeries.

use downbeat_lsm::store::StoreOptions;

use super::image::{Group, Image};
use super::play::{End, play};
use crate::random::Random;

/// Changes a random field.
fn change(image: &mut Image, random: &mut Random) {
    let group = Group::ALL[random.below(Group::ALL.len() as u64) as usize];
    let fields = image.fields(group);
    let Some(place) = random.below(fields.len().max(1) as u64).checked_sub(0) else { return };
    let Some(&(offset, size)) = fields.get(place as usize) else { return };
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

/// Makes a table another name of a second one: it has the same value blocks.
fn alias(image: &mut Image, random: &mut Random) {
    let count = image.tables.len() as u64;
    if count < 2 {
        return;
    }
    let one = image.tables[random.below(count) as usize].clone();
    let other = image.tables[random.below(count) as usize].clone();
    let (from, to) = (image.block(one.index), image.block(other.index));
    // Everything but the address.
    image.copy(from + 24, to + 24, image.options.layout.block_size - 24);
    // Everything but the reference and the label.
    image.copy(one.entry, other.entry, 64);
    image.copy(one.entry + 88, other.entry + 88, 22);
}

pub(super) fn forge(image: &mut Image, random: &mut Random) {
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

/// Images of histories with different sizes.
fn images(random: &mut Random) -> Vec<Image> {
    let mut images = Vec::new();
    for number in 0..6 {
        let mut options = StoreOptions::tiny(if number % 3 == 0 { 400 } else { 512 });
        options.tree.level_count = 5;
        if number % 2 == 1 {
            // Tables of three value blocks.
            options.tree.beat_value_count_max = 8;
            options.tree.growth_factor = 3;
        }
        options.checkpoint_interval = 1 + number % 2;
        images.push(Image::new(&options, random));
    }
    images
}

#[test]
fn a_file_that_is_sealed_again_works() {
    let mut random = Random(1);
    for mut image in images(&mut random) {
        let bytes = image.bytes.clone();
        image.adapt_keys();
        image.seal();
        assert_eq!(image.bytes, bytes);
        assert_eq!(play(&image, &mut random), End::Worked);
    }
}

#[test]
fn hunt() {
    let Ok(seconds) = std::env::var("HUNT") else { return };
    let seconds: u64 = seconds.parse().unwrap();
    let start: u64 = std::env::var("HUNT_SEED").map_or(1, |seed| seed.parse().unwrap());
    let begin = std::time::Instant::now();
    let mut known = std::collections::BTreeMap::<String, (u64, u64)>::new();
    let mut ends = std::collections::BTreeMap::<String, u64>::new();
    let mut bases = images(&mut Random(start));
    std::panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        LAST.with(|last| *last.borrow_mut() = location);
    }));
    thread_local! { static LAST: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) }; }
    let mut seed = start;
    while begin.elapsed().as_secs() < seconds {
        seed += 1;
        if seed % 2000 == 0 {
            bases = images(&mut Random(seed));
        }
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut image = bases[random.below(6) as usize].clone();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            forge(&mut image, &mut random);
            play(&image, &mut random)
        }));
        match ended {
            Ok(end) => {
                let text = format!("{end:?}");
                let text: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
                *ends.entry(text).or_default() += 1;
            }
            Err(panic) => {
                let text = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                    .unwrap_or_default();
                let name = LAST.with(|last| last.borrow().clone());
                let text = format!("{name}: {}", text.chars().take(160).collect::<String>());
                let key = name.clone();
                let _ = key;
                let short: String = text.chars().filter(|c| !c.is_ascii_digit()).take(150).collect();
                known.entry(short).or_insert((0, seed)).0 += 1;
            }
        }
    }
    let _ = std::panic::take_hook();
    println!("{} forgeries", seed - start);
    for (text, count) in &ends {
        println!("  {count:6} {text}");
    }
    for (text, (count, seed)) in &known {
        println!("PANIC {count:6} seed {seed} {text}");
    }
}
