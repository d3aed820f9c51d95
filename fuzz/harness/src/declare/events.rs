//! The table of a target's events.
//!
//! An event's number is the index of its row in the table. Digests depend on the numbers, so a new
//! row is added at the end.

use crate::run::Run;
use crate::states::State;

/// Declares a target's events. Each row has the name of an event and the source of its count.
///
/// Makes the list `NAMES` for [`Target::EVENTS`](crate::Target::EVENTS). The rows are in groups, in
/// any order, and the table begins with a doc comment. A group is one of:
///
/// - An enum of events that the world counts as they happen, by `count(self, run)` and
///   `count_if(self, happened, run)`.
/// - A function that reads a whole struct of statistics. A row names the field. Fields that are not
///   events come last, as `_ => field`, so a field without a row does not compile.
/// - A function of several arguments. A row has an expression of them.
/// - A function whose rows are the elements of a list that several targets share, such as the
///   [`Outcome`](crate::disk::Outcome)s of a disk.
///
/// Each function returns [`Counted`], whose method `count` adds the counts to a run.
///
/// ```
/// mod events {
///     use downbeat::disk::{Counts, Outcome};
///
///     pub(super) struct Statistics {
///         pub(super) hits: u64,
///         pub(super) misses: u64,
///         pub(super) bytes: u64,
///     }
///
///     downbeat::events! {
///         /// What the cache counts.
///         pub(super) fn cache(Statistics) {
///             "hit" => hits,
///             "miss" => misses,
///             _ => bytes,
///         }
///
///         /// What two caches count together.
///         pub(super) fn both(one: &Statistics, other: &Statistics) {
///             "hit in one of them" => one.hits + other.hits,
///         }
///
///         /// What the world counts.
///         pub(super) enum Event {
///             Full "cache full",
///             Reset "reset",
///         }
///
///         /// What the disk did.
///         pub(super) fn disk(counts: &Counts) for outcome in Outcome::ALL {
///             Outcome::NAMES[outcome as usize] => counts.of(outcome)
///         }
///     }
/// }
///
/// assert_eq!(events::NAMES[..3], ["hit", "miss", "hit in one of them"]);
/// assert_eq!(events::NAMES[3..6], ["cache full", "reset", "disk: read"]);
/// fn end(run: &mut downbeat::Run, disk: &downbeat::disk::Counts) {
///     let (one, other) = (
///         events::Statistics { hits: 1, misses: 2, bytes: 3 },
///         events::Statistics { hits: 4, misses: 5, bytes: 6 },
///     );
///     events::cache(&one).count(run);
///     events::both(&one, &other).count(run);
///     events::Event::Full.count(run);
///     events::Event::Reset.count(run);
///     events::disk(disk).count(run);
/// }
/// ```
#[macro_export]
macro_rules! events {
    // After `@`: the number of the next event, the names in the groups expanded so far, and the
    // remaining groups.
    (@ $first:expr, [$($names:expr,)*]) => {
        /// Every event, by number.
        pub(crate) const NAMES: &[&str] = {
            const GROUPS: &[&[&str]] = &[$($names),*];
            &$crate::declare::joined::<{ $first }>(GROUPS)
        };
    };
    (@ $first:expr, [$($names:expr,)*]
        $(#[$about:meta])*
        $visibility:vis enum $Event:ident {
            $($(#[$note:meta])* $Variant:ident $words:literal),+ $(,)?
        }
        $($groups:tt)*
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $Event { $($(#[$note])* $Variant),+ }

        impl $Event {
            /// Counts the event once.
            #[inline]
            $visibility fn count(self, run: &mut $crate::Run) {
                run.event($first + self as usize, 1);
            }

            /// Counts the event once if `happened`.
            #[allow(dead_code, reason = "some targets count each event where it happens")]
            #[inline]
            $visibility fn count_if(self, happened: bool, run: &mut $crate::Run) {
                if happened {
                    self.count(run);
                }
            }
        }

        $crate::events!(@ $first + [$($words),+].len(), [$($names,)* &[$($words),+],] $($groups)*);
    };
    (@ $first:expr, [$($names:expr,)*]
        $(#[$about:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $Type:ty),+ $(,)?) {
            $($words:literal => $count:expr),+ $(,)?
        }
        $($groups:tt)*
    ) => {
        $(#[$about])*
        $visibility fn $name(
            $($argument: $Type),+
        ) -> $crate::declare::Counted<{ [$($words),+].len() }> {
            $crate::declare::Counted::new($first, [$($count),+])
        }

        $crate::events!(@ $first + [$($words),+].len(), [$($names,)* &[$($words),+],] $($groups)*);
    };
    (@ $first:expr, [$($names:expr,)*]
        $(#[$about:meta])*
        $visibility:vis fn $name:ident($argument:ident: $Type:ty) for $kind:ident in $kinds:path {
            $words:expr => $count:expr
        }
        $($groups:tt)*
    ) => {
        $(#[$about])*
        $visibility fn $name($argument: $Type) -> $crate::declare::Counted<{ $kinds.len() }> {
            let mut counts = [0; $kinds.len()];
            for (place, $kind) in $kinds.iter().copied().enumerate() {
                counts[place] = $count;
            }
            $crate::declare::Counted::new($first, counts)
        }

        $crate::events!(
            @ $first + $kinds.len(),
            [$($names,)* {
                const WORDS: [&str; $kinds.len()] = {
                    let mut words = [""; $kinds.len()];
                    let mut place = 0;
                    while place < words.len() {
                        let $kind = $kinds[place];
                        words[place] = $words;
                        place += 1;
                    }
                    words
                };
                &WORDS
            },]
            $($groups)*
        );
    };
    (@ $first:expr, [$($names:expr,)*]
        $(#[$about:meta])*
        $visibility:vis fn $name:ident($Statistics:path) {
            $($words:literal => $field:ident,)+
            $(_ => $ignored:ident,)*
        }
        $($groups:tt)*
    ) => {
        $(#[$about])*
        $visibility fn $name(
            statistics: &$Statistics
        ) -> $crate::declare::Counted<{ [$($words),+].len() }> {
            let $Statistics { $($field,)+ $($ignored: _,)* } = *statistics;
            $crate::declare::Counted::new($first, [$($field),+])
        }

        $crate::events!(@ $first + [$($words),+].len(), [$($names,)* &[$($words),+],] $($groups)*);
    };
    (#[$($about:tt)*] $($groups:tt)*) => {
        $crate::events!(@ 0, [] #[$($about)*] $($groups)*);
    };
}

/// How often the events of a group of [`events!`](crate::events!) happened.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<const COUNT: usize> {
    /// The number of the first event of the group.
    first: usize,
    counts: [u64; COUNT],
}

impl<const COUNT: usize> Counted<COUNT> {
    /// Creates counts: the event of number `first + index` happened `counts[index]` times.
    pub const fn new(first: usize, counts: [u64; COUNT]) -> Self {
        Counted { first, counts }
    }

    /// Returns the counts, in the order of the rows.
    #[must_use]
    pub const fn counts(&self) -> &[u64; COUNT] {
        &self.counts
    }

    /// Adds the counts to those of the run.
    pub fn count(&self, run: &mut Run) {
        for (index, count) in self.counts.into_iter().enumerate() {
            run.event(self.first + index, count);
        }
    }

    /// Marks for each row whether its event happened never, once or more often: `state` has three
    /// buckets for each row.
    pub fn mark(&self, state: State, run: &mut Run) {
        for (index, count) in self.counts.into_iter().enumerate() {
            run.state(state, 3 * index + count.min(2) as usize);
        }
    }
}

/// Returns the names in all groups, one group after the other.
///
/// # Panics
///
/// If there are not `COUNT` names.
#[must_use]
pub const fn joined<const COUNT: usize>(groups: &[&[&'static str]]) -> [&'static str; COUNT] {
    let mut names = [""; COUNT];
    let (mut number, mut group) = (0, 0);
    while group < groups.len() {
        let mut place = 0;
        while place < groups[group].len() {
            names[number] = groups[group][place];
            (number, place) = (number + 1, place + 1);
        }
        group += 1;
    }
    assert!(number == COUNT);
    names
}

#[cfg(test)]
mod tests {
    use crate::run::Run;

    mod table {
        pub(super) struct Statistics {
            pub(super) hits: u64,
            pub(super) misses: u64,
            #[expect(dead_code, reason = "no row counts this field")]
            pub(super) bytes: u64,
        }

        const KINDS: &[u64] = &[30, 10];

        crate::events! {
            /// A whole struct.
            pub(super) fn whole(Statistics) {
                "miss" => misses,
                "hit" => hits,
                _ => bytes,
            }

            /// Counted by the world.
            pub(super) enum Event { First "first", Second "second" }

            /// A list.
            pub(super) fn listed(factor: u64) for kind in KINDS {
                if kind == 30 { "thirty" } else { "ten" } => factor * kind
            }

            /// Expressions.
            pub(super) fn summed(one: u64, other: u64) {
                "sum" => one + other,
            }
        }
    }

    #[test]
    fn an_event_is_counted_at_the_place_of_its_row() {
        assert_eq!(table::NAMES, ["miss", "hit", "first", "second", "thirty", "ten", "sum"]);
        let mut run = Run::new();
        let statistics = table::Statistics { hits: 2, misses: 1, bytes: 9 };
        table::whole(&statistics).count(&mut run);
        table::Event::First.count(&mut run);
        table::Event::Second.count(&mut run);
        table::Event::Second.count(&mut run);
        table::listed(2).count(&mut run);
        table::summed(3, 4).count(&mut run);
        assert_eq!(run.tally().events[..8], [1, 2, 1, 2, 60, 20, 7, 0]);
    }

    #[test]
    fn a_row_has_three_buckets_of_a_state() {
        const GROUPS: &[crate::states::StateGroup] = &[crate::states::StateGroup::new("rows", 6)];
        let mut run = Run::new();
        let statistics = table::Statistics { hits: 7, misses: 0, bytes: 0 };
        table::whole(&statistics).mark(crate::states::State::of(GROUPS, 0), &mut run);
        assert_eq!(run.tally().states.places().collect::<Vec<_>>(), [0, 5]);
    }
}
