//! Levels of the manifest.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("manifest_level");
