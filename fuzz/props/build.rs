//! Writes the list of properties: one for each file of `fuzz/fuzz_targets`, so that a new target
//! needs no line in this package. A test of the suite checks that each target has its file. A test
//! of this package checks that the list equals the registry.

use std::path::{Path, PathBuf};

fn main() {
    // cargo-bolero sets it for the engine libFuzzer.
    println!("cargo::rustc-check-cfg=cfg(fuzzing_libfuzzer)");
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz_targets");
    println!("cargo::rerun-if-changed={}", targets.display());
    let files = targets.read_dir().expect("fuzz/fuzz_targets is a folder");
    let files: Vec<PathBuf> = files.map(|file| file.expect("a folder's entry").path()).collect();
    let mut names: Vec<&str> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| file.file_stem().and_then(|name| name.to_str()).expect("a file has a name"))
        .collect();
    names.sort_unstable();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let list = format!("properties! {{ {} }}\n", names.join(" "));
    std::fs::write(out.join("properties.rs"), list).expect("OUT_DIR can be written");
}
