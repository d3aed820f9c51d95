//! Compiles the store in C++, if there is a compiler.

fn main() {
    println!("cargo::rerun-if-changed=src/store.cpp");
    println!("cargo::rustc-check-cfg=cfg(cpp)");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").file("src/store.cpp");
    match build.try_compile("downbeat_store") {
        Ok(()) => println!("cargo::rustc-cfg=cpp"),
        Err(error) => println!("cargo::warning=the store in C++ is left out: {error}"),
    }
}
