#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_engine::program!(downbeat_core_store::Adapter);
