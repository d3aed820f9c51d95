//! Benchmarks of the core. Run them with `cargo bench --package downbeat-lsm-benches`.
