//! Passes the target triple of this build to the package, as the variable `DOWNBEAT_HOST`.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo::rustc-env=DOWNBEAT_HOST={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
