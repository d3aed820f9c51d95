//! Which targets are compiled: all of them, or the one that `DOWNBEAT_ONLY` names.
//!
//! A search for a planted bug compiles the suite for one target anew, and should not wait for the others.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DOWNBEAT_ONLY");
    println!("cargo::rustc-check-cfg=cfg(only_one_target)");
    println!("cargo::rustc-check-cfg=cfg(target_named, values(any()))");
    if let Ok(name) = std::env::var("DOWNBEAT_ONLY") {
        println!("cargo::rustc-cfg=only_one_target");
        println!("cargo::rustc-cfg=target_named={name:?}");
    }
}
