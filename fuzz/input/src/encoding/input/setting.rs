//! The settings that every target has. They come first in the target's list, in the same order.

use crate::encoding::mix::MIX_NAMES;
use crate::encoding::setting::Setting;
use crate::keys::MAPPING_NAMES;

/// Declares the constants and the list from one set of rows.
macro_rules! common_settings {
    ($($(#[$about:meta])+ $NAME:ident: $line:literal $($name:literal)? = $Choices:ident($values:expr)),+ $(,)?) => {
        $crate::setting_rows! { constants from 0; $($(#[$about])+ $NAME)+ }

        /// The settings of every target: its list begins with them.
        pub const COMMON: &[Setting] =
            &[$($crate::setting_rows!(setting $line $($name)? = $Choices($values))),+];
    };
}

common_settings! {
    /// How likely each kind of operation is among the weighted slots.
    MIX: "mix" = Words(&MIX_NAMES),
    /// How hot and cold keys are spread over the width of a key.
    KEYS: "keys" = Words(&MAPPING_NAMES),
    /// How many different hot keys there are; larger indexes wrap around.
    HOT: "keys" "hot" = Numbers(&HOT_COUNTS),
}

/// The place of the first setting that is the target's own.
pub const FIRST_OWN: usize = COMMON.len();

/// Numbers of hot keys. With few, operations soon meet the same key; with many, small structures
/// fill up.
pub const HOT_COUNTS: [u32; 6] = [8, 2, 4, 16, 24, 40];
