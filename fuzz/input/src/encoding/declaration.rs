//! The macro that declares the operations of a target.

/// Declares the settings and operations of a target. The common settings of all targets come before
/// its own.
///
/// The row of a setting: its documentation, the name of the constant that is its place in the
/// header, the word that begins its line of text, its name in that line (left out if the line has
/// only this value), and its choices. Rows are only added at the end.
///
/// `since N;` before the settings: version N of the encoding changed the bytes of an argument of
/// this target. Without it, the bytes never changed.
///
/// The row of an operation: its documentation, its number, the word that begins its line of text,
/// its family and weight, and the variant with its arguments. Numbers are never reused. The rows
/// hold all that the encodings, the generator and the dictionary know of an operation; kind 0
/// should build state, because the seeded generator never leaves it out.
#[macro_export]
macro_rules! operations {
    (
        $(since $since:literal;)?
        settings [$(
            $(#[$setting:meta])*
            $SETTING:ident: $line:literal $($name:literal)? = $Choices:ident $(($values:expr))?
        ),* $(,)?];
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $(
                $(#[$about:meta])+
                $number:literal $text:literal $family:ident $weight:literal
                    => $Variant:ident $({ $($field:ident: $Type:ty),+ })?
            ),+ $(,)?
        }
    ) => {
        $crate::setting_rows! {
            constants from $crate::encoding::input::setting::FIRST_OWN;
            $($(#[$setting])* $SETTING)*
        }

        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum $Name {
            $(
                $(#[$about])+
                $Variant $({ $(
                    #[expect(missing_docs, reason = "the variant's documentation names them")]
                    $field: $Type
                ),+ })?
            ),+
        }

        impl $crate::encoding::Operation for $Name {
            $(const SINCE: u32 = $since;)?

            const SETTINGS: &'static [$crate::encoding::Setting] = &[
                $crate::encoding::input::setting::COMMON[0],
                $crate::encoding::input::setting::COMMON[1],
                $crate::encoding::input::setting::COMMON[2],
                $($crate::setting_rows!(setting $line $($name)? = $Choices $(($values))?)),*
            ];

            const KINDS: &'static [$crate::encoding::Kind] = &[
                $($crate::encoding::Kind {
                    number: $number,
                    name: $text,
                    family: $crate::encoding::Family::$family,
                    weight: $weight,
                }),+
            ];

            const MIXES: &'static [[u8; $crate::encoding::SLOTS]] =
                &$crate::encoding::mix::deal_slots(Self::KINDS);

            #[inline]
            fn kind(&self) -> usize {
                match self {
                    $($Name::$Variant $({ $($field: _),+ })? => $number),+
                }
            }

            #[inline]
            fn decode(kind: usize, arguments: &mut $crate::encoding::Arguments<'_>) -> Self {
                let _ = &arguments;
                match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::decode(arguments)),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                }
            }

            #[inline]
            fn encode(&self, bytes: &mut $crate::encoding::ArgumentBytes) {
                let _ = &bytes;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::Argument::encode($field, bytes);)+)?
                    })+
                }
            }

            #[inline]
            fn resolve(&self, keys: &mut $crate::keys::Keys, ends: $crate::keys::Ends<'_>) -> Self {
                let _ = (&keys, ends);
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::resolve($field, keys, ends)),+
                    })?,)+
                }
            }

            #[inline]
            fn draw<D: $crate::dice::Dice>(kind: usize, dice: &mut D) -> Self {
                let _ = &dice;
                match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::draw(dice)),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                }
            }

            #[inline]
            fn nudge<D: $crate::dice::Dice>(&self, dice: &mut D) -> Self {
                let _ = &dice;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $(let mut pick = $crate::dice::Dice::below(
                            dice,
                            [$(stringify!($field)),+].len() as u64,
                        );)?
                        $Name::$Variant $({
                            $($field: $crate::encoding::argument::nudge_when_picked(
                                $field, &mut pick, dice,
                            )),+
                        })?
                    })+
                }
            }

            #[inline]
            fn complexity(&self) -> u128 {
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        0 $($(+ $crate::encoding::Argument::complexity($field))+)?
                    })+
                }
            }

            // An enumeration with one variant always has that variant.
            #[allow(irrefutable_let_patterns, reason = "right for more kinds than one")]
            #[inline]
            fn simpler(&self, out: &mut Vec<Self>) {
                let _ = &out;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::argument::each_simpler($field, |value| {
                            let mut simpler = *self;
                            if let $Name::$Variant { $field: place, .. } = &mut simpler {
                                *place = value;
                            }
                            out.push(simpler);
                        });)+)?
                    })+
                }
            }

            #[inline]
            fn map_keys(
                &self,
                map: &mut dyn FnMut($crate::encoding::Key) -> $crate::encoding::Key,
            ) -> Self {
                let _ = &map;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: match $crate::encoding::Argument::key($field) {
                            Some(key) => $crate::encoding::Argument::with_key($field, map(key)),
                            None => $field,
                        }),+
                    })?,)+
                }
            }

            #[inline]
            fn key(&self) -> Option<$crate::encoding::Key> {
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        None $($(.or_else(|| $crate::encoding::Argument::key($field)))+)?
                    })+
                }
            }

            #[inline]
            fn with_key(&self, key: $crate::encoding::Key) -> Self {
                let _ = &key;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::with_key($field, key)),+
                    })?,)+
                }
            }

            #[inline]
            fn with_landmark(&self, landmark: $crate::encoding::Landmark) -> Self {
                let _ = &landmark;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::with_landmark($field, landmark)),+
                    })?,)+
                }
            }

            #[inline]
            fn print(&self, out: &mut String) {
                let _ = &out;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::Argument::print($field, stringify!($field), out);)+)?
                    })+
                }
            }

            #[inline]
            fn takes(kind: usize) -> String {
                let arguments: Vec<String> = match kind {
                    $($number => vec![$($(
                        <$Type as $crate::encoding::Argument>::takes(stringify!($field))
                    ),+)?],)+
                    _ => panic!("encoding: no operation kind {kind}"),
                };
                arguments.join(" ")
            }

            #[inline]
            fn parse(
                kind: usize,
                words: &mut $crate::encoding::text::Words<'_>,
            ) -> Result<Self, $crate::encoding::TextError> {
                let _ = &words;
                Ok(match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::parse(stringify!($field), words)?),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                })
            }
        }
    };
}
