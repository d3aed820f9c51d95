//! Benchmarks of the crate `downbeat`, the frame of the suite. Run them with
//! `cargo bench --package downbeat-benches`.
