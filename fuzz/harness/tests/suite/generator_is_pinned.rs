//! Seeds keep their meaning for years: the random numbers, and how integers are drawn from them.

use downbeat::generator::Random;
use downbeat::input::dice::Dice;

#[test]
fn the_generator_is_xoshiro256_plus_plus_seeded_by_splitmix64() {
    // Computed without this code and without `rand`.
    let golden = [
        (0, 0, [0x7045_60ce_d7cc_0501, 0x4eef_9003_6c89_c53a, 0xdce0_5af2_ba13_64d7]),
        (1, 0, [0x8d61_76e2_f1f4_1696, 0x4488_d4fc_02c8_f1e9, 0x0f2c_0ec1_8a40_8301]),
        (1, 1, [0x511f_463e_ff8d_aca9, 0xd6d1_3713_b948_0f3e, 0x7ac8_aa9b_7159_c81e]),
    ];
    for (seed, number, expected) in golden {
        let mut random = Random::new(seed, number);
        assert_eq!([random.next(), random.next(), random.next()], expected);
    }
}

#[test]
fn integers_are_drawn_by_the_high_half_of_a_product() {
    let mut random = Random::new(1, 0);
    let drawn: Vec<u64> = (0..8).map(|_| random.below(1000)).collect();
    assert_eq!(drawn, [552, 267, 59, 306, 503, 601, 266, 440]);
}
