//! Tables that a target is declared by: its states.

/// Declares a target's groups: for each a name in the code, the question, and how many answers.
/// Makes a constant [`State`] of each, and the list `GROUPS` for [`crate::Target::STATES`].
#[macro_export]
macro_rules! states {
    ($($(#[$about:meta])* $Name:ident $question:literal $buckets:literal),+ $(,)?) => {
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
