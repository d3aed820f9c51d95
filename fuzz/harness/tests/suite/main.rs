//! The suite tests itself: corpora replay, runs repeat, the canary is found, the traits carry.

mod canary;
mod corpora;
mod corpus_replays;
mod determinism;
mod dictionaries;
mod disk_image;
mod drivers;
mod generator_is_pinned;
mod profiles;
mod registry_is_complete;
mod shrinker;
mod superblock;
mod toy;
