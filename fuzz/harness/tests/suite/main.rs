//! The suite tests itself: corpora replay, runs repeat, the canary is found, the traits carry.

mod canary;
mod corpora;
mod corpus_replays;
mod determinism;
mod dictionaries;
mod disk_image;
mod disk_runs;
mod disk_scripts;
mod drivers;
mod generator_is_pinned;
mod landmarks;
mod profiles;
mod recorder;
mod registry_is_complete;
mod scripts;
mod shrinker;
mod superblock;
mod toy;
