//! The table of a target's states.

/// Declares a target's groups of states. Each row has the name of a group in the code, its
/// question, and its number of buckets.
///
/// Makes a constant [`State`](crate::states::State) of each row, and the list `GROUPS` for
/// [`Target::STATES`](crate::Target::STATES).
#[macro_export]
macro_rules! states {
    ($($(#[$about:meta])* $Name:ident $question:literal $buckets:expr),+ $(,)?) => {
        #[derive(Clone, Copy)]
        enum Place { $($Name),+ }

        /// Every group of the target.
        pub(super) const GROUPS: &[$crate::states::StateGroup] = &[
            $($crate::states::StateGroup::new($question, $buckets)),+
        ];

        $(
            $(#[$about])*
            #[expect(non_upper_case_globals, reason = "named as the variants of an enum are")]
            pub(super) const $Name: $crate::states::State =
                $crate::states::State::of(GROUPS, Place::$Name as usize);
        )+
    };
}
