//! Arguments that are numbers.
//!
//! An argument is one byte. Its values are spread evenly over a table whose entries grow
//! exponentially. So a small change of the byte selects a neighbouring entry, and long runs are
//! drawn as often as short ones.

mod log_scale;
mod smaller;
mod table;

pub use log_scale::log_scale;
pub use smaller::smaller;
pub use table::simpler_entries;

use crate::table_number;

table_number! {
    /// How many times a run repeats, from 1 to 64; 8 by default.
    pub Count: u32 = [8, 1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]
}

table_number! {
    /// What a run adds to the key at each step, wrapping; 1 by default.
    pub Stride: i64 = [1, 2, 3, -1, 16, 256, 0x1_0000_0000, -0x61c8_8646_80b5_83eb]
}

table_number! {
    /// How many more writes still fit after a fill; 0 by default.
    pub Left: u32 = [0, 1, 2, 3]
}

table_number! {
    /// The direction of keys: 0 ascending, 1 descending; ascending by default.
    pub Way: u32 = [0, 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{Argument, ArgumentBytes, Arguments};

    #[test]
    fn the_simplest_value_of_a_table_is_the_nearest_to_zero() {
        let simpler = |value: i64| {
            let mut out = Vec::new();
            Stride::find(value).expect("an entry").simpler(&mut out);
            out.into_iter().map(Stride::get).collect::<Vec<_>>()
        };
        assert!(simpler(1).is_empty());
        assert_eq!(simpler(16), [1, -1, 2, 3]);
    }

    #[test]
    fn every_byte_is_a_count_and_every_count_has_a_byte() {
        for byte in 0..128 {
            let count = Count::decode(&mut Arguments::new(&[byte]));
            let mut bytes = ArgumentBytes::new();
            count.encode(&mut bytes);
            let written = bytes.without_trailing_zeros();
            assert_eq!(Count::decode(&mut Arguments::new(written)), count);
        }
        let reached: std::collections::BTreeSet<u32> =
            (0..128).map(|byte| Count::decode(&mut Arguments::new(&[byte])).get()).collect();
        assert_eq!(reached.len(), Count::TABLE.len());
    }
}
