//! Tells the package the triple that it is built for: cargo-fuzz names its folder of programs so.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo::rustc-env=DOWNBEAT_HOST={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
