//! Benchmarks of the frame. Run them with `cargo bench --package downbeat-benches`.
