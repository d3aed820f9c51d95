//! The fields of objects: the checks of the macro that declares them, and their names.

use downbeat_lsm::groove::{Field, FieldKind, FieldShape, Object, ObjectKey};

use crate::accounts::{Account, code};
use crate::objects::{Order, order};

fn shape(name: &'static str, kind: FieldKind) -> FieldShape {
    FieldShape { name, kind, size: 8 }
}

/// A copy that the trait makes, as generic code does.
fn cloned<T: Clone>(of: &T) -> T {
    of.clone()
}

#[test]
fn a_field_is_found_by_its_whole_name() {
    let fields = [
        shape("Thing.one", FieldKind::Timestamp),
        shape("Thing.three", FieldKind::Plain),
        shape("Thing.two", FieldKind::Index),
    ];
    for (number, name) in ["Thing.one", "Thing.three", "Thing.two"].into_iter().enumerate() {
        let field = Field::<Order, u64>::named(&fields, name);
        assert_eq!(format!("{field:?}"), format!("field {number}"));
    }
    let declared = Field::<Order, u64>::named(Order::FIELDS, "Order.number");
    assert_eq!(format!("{declared:?}"), format!("{:?}", cloned(&Order::number)));
}

#[test]
#[should_panic(expected = "groove: the object must have the field")]
fn a_part_of_a_name_is_not_a_field() {
    let _ = Field::<Order, u64>::named(Order::FIELDS, "Order.num");
}

#[test]
fn an_object_has_a_timestamp_and_any_number_of_indexes() {
    let kinds = [
        FieldKind::Index,
        FieldKind::Timestamp,
        FieldKind::Unique,
        FieldKind::Primary,
        FieldKind::Optional,
        FieldKind::Unique,
        FieldKind::Derived,
    ];
    let checked = FieldShape::checked(kinds.map(|kind| shape("Thing.field", kind)));
    assert_eq!(checked.map(|field| field.kind), kinds);
}

#[test]
fn derived_indexes_come_after_the_fields() {
    let shape = Order::FIELDS.last().expect("a field");
    assert_eq!((shape.name, shape.kind, shape.size), ("Order.tagged", FieldKind::Derived, 16));
    let named = Field::<Order, u128>::named(Order::FIELDS, "Order.tagged");
    assert_eq!(format!("{named:?}"), format!("{:?}", Order::tagged));
    assert_eq!(Order::FIELDS.len(), 8);
}

#[test]
fn an_object_is_in_the_trees_of_its_values() {
    let order = order(3, 9);
    let indexed = |number| order.indexed(number);
    let all: Vec<Option<u128>> = (0..=Order::FIELDS.len()).map(indexed).collect();
    let buyer = Some(3 << 100);
    let tag = Some(3);
    assert_eq!(all, [None, Some(0), Some(9), buyer, Some(21), tag, None, buyer, None]);
    let without = Order { tag: 0, ..order };
    assert_eq!([5, 7].map(|number| without.indexed(number)), [None, None]);
}

#[test]
#[should_panic(expected = "groove: an object must have one field `=> timestamp`")]
fn an_object_without_a_timestamp_is_refused() {
    let _ = FieldShape::checked([shape("Thing.id", FieldKind::Primary)]);
}

#[test]
#[should_panic(expected = "groove: an object must have one field `=> timestamp`")]
fn an_object_with_two_timestamps_is_refused() {
    let _ =
        FieldShape::checked(["Thing.made", "Thing.time"].map(|it| shape(it, FieldKind::Timestamp)));
}

#[test]
#[should_panic(expected = "groove: an object must not have two fields `=> primary`")]
fn an_object_with_two_primary_keys_is_refused() {
    let kinds = [FieldKind::Timestamp, FieldKind::Primary, FieldKind::Primary];
    let _ = FieldShape::checked(kinds.map(|kind| shape("Thing.field", kind)));
}

#[test]
fn a_copy_of_a_key_is_the_same_key() {
    for key in [code(5), ObjectKey::timestamp(5), ObjectKey::unique(Account::number, 105)] {
        assert_eq!(format!("{:?}", cloned(&key)), format!("{key:?}"));
    }
    assert_eq!(format!("{:?}", ObjectKey::<Account>::timestamp(5)), "timestamp 5");
    assert_eq!(format!("{:?}", ObjectKey::unique(Account::number, 105)), "field 0 = 105");
}
