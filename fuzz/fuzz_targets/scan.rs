//! Queries of a groove with four indexes: expressions of conditions, pages, seeks and cursors.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("scan");
