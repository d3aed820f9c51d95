#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_engine::program!(downbeat_lsm_tree_1::Adapter);
