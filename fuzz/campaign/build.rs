//! Passes the triple of this build to the package. cargo-fuzz names its folder of programs after
//! the triple.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo::rustc-env=DOWNBEAT_HOST={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
