//! A logarithmic scale: small numbers exact, large ones coarse.

/// The number of `class`: 0 to 8, then four steps an octave (10, 12, 14, 16, 20, 24, ...).
#[inline]
#[must_use]
pub const fn log_scale(class: u8) -> u32 {
    if class < 8 { class as u32 } else { (4 + class as u32 % 4) << (class / 4 - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithmic_scale_rises_and_has_four_steps_an_octave() {
        let scale: Vec<u32> = (0..24).map(log_scale).collect();
        assert!(scale.is_sorted_by(|a, b| a < b), "{scale:?}");
        assert_eq!(&scale[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14]);
        assert_eq!(log_scale(20), 64);
    }
}
