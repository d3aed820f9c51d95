//! Tests of the harness: the simulated disk, the shrinker, the generator, and the traits on toy
//! targets.

mod disk_image;
mod disk_runs;
mod disk_scripts;
mod drivers;
mod generator_is_pinned;
mod profiles;
mod recorder;
mod scripts;
mod shrinker;
mod simulated_file;
mod superblock;
mod toy;
#[path = "../ways/mod.rs"]
mod ways;
