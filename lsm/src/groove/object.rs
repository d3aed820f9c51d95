//! Objects: what a groove stores, and the macro that declares them.

use super::FieldShape;
use crate::collections::Cached;
use crate::record::Record;

#[doc(hidden)]
pub use ::zerocopy;

/// The bit of a stored timestamp that marks a tombstone.
#[doc(hidden)]
pub const TOMBSTONE: u64 = 1 << 63;

/// The largest timestamp of an object, inclusive. The smallest is 1.
pub const TIMESTAMP_MAX: u64 = TOMBSTONE - 1;

/// An object of a groove. [`object!`](crate::object) implements this trait.
pub trait Object: Record<Key = u64> {
    /// The name of the object type.
    const NAME: &'static str;

    /// The fields, in the order of their declaration, and then the derived indexes, in the order of
    /// theirs.
    const FIELDS: &'static [FieldShape];

    /// The time of the object's creation, which no two objects share: from 1 to [`TIMESTAMP_MAX`].
    fn timestamp(&self) -> u64;

    /// The primary key: the field that was declared as primary, or else the timestamp.
    fn primary(&self) -> u128;

    /// The value under which the object is in the tree of the field or derived index with this
    /// number in [`Object::FIELDS`]. `None` if the object is not in that tree: the value of an
    /// [optional](super::FieldKind::Optional) field is 0, or the function of a
    /// [derived](super::FieldKind::Derived) index returns none. Also `None` if there is no such
    /// tree.
    fn indexed(&self, field: usize) -> Option<u128>;
}

/// An object in the cache, under its primary key.
#[derive(Clone, Copy, Debug)]
pub(super) struct CachedObject<O>(pub(super) O);

impl<O: Object> Cached for CachedObject<O> {
    type Key = u128;

    fn key(&self) -> u128 {
        self.0.primary()
    }
}

/// Declares an object type: a struct, the uses of its fields, and their trees.
///
/// - Each field is followed by its use: `timestamp`, `primary`, `unique`, `index` or `optional`; a
///   field without a use has no tree. [`FieldKind`](crate::groove::FieldKind) describes the uses.
/// - Exactly one field is the timestamp, and has type `u64`. At most one is the primary key.
/// - Fields with trees are unsigned numbers. The others are plain bytes without padding.
/// - The size is a power of two, from 8 to 256 bytes, and the fields leave no gap.
/// - For each field there is a constant of the same name, of type
///   [`Field`](crate::groove::Field), to be used in conditions.
///
/// A block `derived` after the struct declares derived indexes. Each row is a name, the type of the
/// values, which are unsigned numbers, and a function `fn(&Object) -> Option<Value>`.
///
/// - Objects for which the function returns `None` are not in the index.
/// - The name is also that of a constant for conditions, as for a field. So no field can have the
///   same name.
/// - The function must be pure: its result depends on the object alone. The groove keeps no result.
///   It calls the function for the old object again to know which entry to remove, and for each
///   object that a query finds. If the results differ, the index and the objects contradict each
///   other, which a query reports as a corruption.
/// - The function must not panic for any object, because objects are also read from the device.
/// - A store has the entries that the function returned when they were written. So a function that
///   changes needs another name: the store then does not open with it.
///
/// The crate that calls this macro must depend on the crate `zerocopy`, with its feature `derive`.
///
/// ```
/// downbeat_lsm::object! {
///     /// A thing.
///     pub struct Thing {
///         pub timestamp: u64 => timestamp,
///         pub value: u64 => index,
///         pub id: u128 => primary,
///     }
/// }
/// assert_eq!(size_of::<Thing>(), 32);
/// ```
///
/// A derived index of two fields:
///
/// ```
/// use downbeat_lsm::groove::Condition;
///
/// downbeat_lsm::object! {
///     /// A loan of a library.
///     pub struct Loan {
///         pub timestamp: u64 => timestamp,
///         pub day: u32,
///         pub returned: u32,
///     }
///
///     derived {
///         /// The week in which a loan began that has not ended.
///         open_since: u32 => Loan::open_since_week,
///     }
/// }
///
/// impl Loan {
///     fn open_since_week(&self) -> Option<u32> {
///         (self.returned == 0).then_some(self.day / 7)
///     }
/// }
///
/// let loan = Loan { timestamp: 1, day: 15, returned: 0 };
/// assert_eq!(loan.open_since_week(), Some(2));
/// assert_eq!(Loan { returned: 20, ..loan }.open_since_week(), None);
/// // The loans that began in one of the first three weeks and have not ended.
/// let condition: Condition<Loan> = Loan::open_since.within(0, 2);
/// ```
///
/// A derived index must not have the name of a field:
///
/// ```compile_fail
/// downbeat_lsm::object! {
///     pub struct Thing {
///         pub timestamp: u64 => timestamp,
///         pub value: u64,
///     }
///
///     derived {
///         value: u64 => |thing| Some(thing.timestamp / 2),
///     }
/// }
/// ```
///
/// A second timestamp does not compile:
///
/// ```compile_fail
/// downbeat_lsm::object! {
///     pub struct Thing {
///         pub timestamp: u64 => timestamp,
///         pub time: u64 => timestamp,
///     }
/// }
/// ```
///
/// Nor does a second primary key:
///
/// ```compile_fail
/// downbeat_lsm::object! {
///     pub struct Thing {
///         pub timestamp: u64 => timestamp,
///         pub id: u64 => primary,
///         pub number: u128 => primary,
///     }
/// }
/// ```
#[macro_export]
macro_rules! object {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[$field_meta:meta])*
                $field_visibility:vis $field:ident : $type:ty $(=> $kind:ident)?
            ),+ $(,)?
        }
        $(derived {
            $(
                $(#[$derived_meta:meta])*
                $derived:ident : $derived_type:ty => $function:expr
            ),+ $(,)?
        })?
    ) => {
        $(#[$meta])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            ::zerocopy::FromBytes,
            ::zerocopy::IntoBytes,
            ::zerocopy::Immutable,
            ::zerocopy::KnownLayout,
        )]
        #[repr(C)]
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type,)+
        }

        #[allow(non_upper_case_globals, dead_code, reason = "a constant has the name of its field")]
        impl $name {
            $(
                #[doc = concat!("The field `", stringify!($field), "`, for conditions.")]
                $visibility const $field: $crate::groove::Field<Self, $type> =
                    $crate::groove::Field::named(
                        <Self as $crate::groove::Object>::FIELDS,
                        concat!(stringify!($name), ".", stringify!($field)),
                    );
            )+
            $($(
                #[doc = concat!("The derived index `", stringify!($derived), "`, for conditions.")]
                #[doc = ""]
                $(#[$derived_meta])*
                $visibility const $derived: $crate::groove::Field<Self, $derived_type> =
                    $crate::groove::Field::named(
                        <Self as $crate::groove::Object>::FIELDS,
                        concat!(stringify!($name), ".", stringify!($derived)),
                    );
            )+)?
        }

        impl $crate::record::Record for $name {
            type Key = u64;
            const USAGE: $crate::record::Usage = $crate::record::Usage::General;

            #[inline]
            fn key(&self) -> u64 {
                $crate::object!(@timestamp self $($field $($kind)?;)+) & !$crate::groove::TOMBSTONE
            }

            #[inline]
            fn is_tombstone(&self) -> bool {
                $crate::object!(@timestamp self $($field $($kind)?;)+) & $crate::groove::TOMBSTONE
                    != 0
            }

            #[inline]
            fn tombstone(key: u64) -> Self {
                let mut object: Self = $crate::groove::zerocopy::FromZeros::new_zeroed();
                $crate::object!(@set object (key | $crate::groove::TOMBSTONE) $($field $($kind)?;)+);
                object
            }
        }

        // A constant of a trait is evaluated, and so checked, only where it is used.
        const _: &[$crate::groove::FieldShape] = <$name as $crate::groove::Object>::FIELDS;

        impl $crate::groove::Object for $name {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [$crate::groove::FieldShape] = &$crate::groove::FieldShape::checked([
                $($crate::groove::FieldShape {
                    name: concat!(stringify!($name), ".", stringify!($field)),
                    kind: $crate::object!(@kind $($kind)?),
                    size: size_of::<$type>(),
                },)+
                $($($crate::groove::FieldShape {
                    name: concat!(stringify!($name), ".", stringify!($derived)),
                    kind: $crate::groove::FieldKind::Derived,
                    size: size_of::<$derived_type>(),
                },)+)?
            ]);

            #[inline]
            fn timestamp(&self) -> u64 {
                $crate::object!(@timestamp self $($field $($kind)?;)+)
            }

            #[inline]
            fn primary(&self) -> u128 {
                $crate::object!(@primary self $($field $($kind)?;)+)
            }

            #[inline]
            fn indexed(&self, field: usize) -> Option<u128> {
                $(if field == Self::$field.number() {
                    return $crate::object!(@indexed self $field $($kind)?);
                })+
                $($(if field == Self::$derived.number() {
                    let function: fn(&Self) -> Option<$derived_type> = $function;
                    return function(self).map($crate::groove::FieldValue::number);
                })+)?
                None
            }
        }
    };

    (@kind) => { $crate::groove::FieldKind::Plain };
    (@kind timestamp) => { $crate::groove::FieldKind::Timestamp };
    (@kind primary) => { $crate::groove::FieldKind::Primary };
    (@kind unique) => { $crate::groove::FieldKind::Unique };
    (@kind index) => { $crate::groove::FieldKind::Index };
    (@kind optional) => { $crate::groove::FieldKind::Optional };

    (@timestamp $self:ident $field:ident timestamp; $($rest:tt)*) => { $self.$field };
    (@timestamp $self:ident $field:ident $($kind:ident)?; $($rest:tt)*) => {
        $crate::object!(@timestamp $self $($rest)*)
    };
    (@timestamp $self:ident) => { compile_error!("an object must have a field `=> timestamp`") };

    (@set $object:ident $value:tt $field:ident timestamp; $($rest:tt)*) => {
        $object.$field = $value
    };
    (@set $object:ident $value:tt $field:ident $($kind:ident)?; $($rest:tt)*) => {
        $crate::object!(@set $object $value $($rest)*)
    };

    (@primary $self:ident $field:ident primary; $($rest:tt)*) => {
        $crate::groove::FieldValue::number($self.$field)
    };
    (@primary $self:ident $field:ident $($kind:ident)?; $($rest:tt)*) => {
        $crate::object!(@primary $self $($rest)*)
    };
    (@primary $self:ident) => { u128::from($crate::groove::Object::timestamp($self)) };

    (@indexed $self:ident $field:ident) => { None };
    (@indexed $self:ident $field:ident timestamp) => { None };
    (@indexed $self:ident $field:ident optional) => {
        Some($crate::groove::FieldValue::number($self.$field)).filter(|value| *value != 0)
    };
    (@indexed $self:ident $field:ident $kind:ident) => {
        Some($crate::groove::FieldValue::number($self.$field))
    };
}
