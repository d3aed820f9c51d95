//! Which conditions are refused, and what joins return.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::groove::{Condition, InvalidCondition};

use crate::objects::{Order, Shop, options, order, shop};

fn filled() -> Shop {
    let mut shop = shop();
    for timestamp in 1..=60 {
        let id = u128::from(1000 + timestamp);
        let ((orders, _), mut reader) = shop.read().expect("an open forest");
        orders
            .prefetch(&[downbeat_lsm::groove::ObjectKey::primary(id)], &mut reader)
            .expect("a sound device");
        shop.write().expect("an open forest").0.insert(&order(timestamp, id));
        shop.beat().expect("a sound device");
    }
    shop
}

fn timestamps(
    shop: &mut Shop,
    condition: &Condition<Order>,
    direction: Direction,
) -> Result<Vec<u64>, InvalidCondition> {
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    let mut query = orders.query(condition, direction, &mut reader)?;
    let mut page = Vec::new();
    query.page(usize::MAX, &mut page).expect("a sound device");
    Ok(page.iter().map(|order| order.timestamp).collect())
}

#[test]
fn joins_return_the_objects_for_which_the_condition_holds() {
    let mut shop = filled();
    let state = |value| Order::state.equals(value);
    let buyer = |value: u128| Order::buyer.equals(value << 100);
    type Holds = fn(u64) -> bool;
    let cases: [(Condition<Order>, Holds); 8] = [
        (state(1), |it| it % 3 == 1),
        (state(1).and(buyer(2)), |it| it % 3 == 1 && it % 5 == 2),
        (state(1).or(buyer(2)), |it| it % 3 == 1 || it % 5 == 2),
        (state(1).and_not(buyer(2)), |it| it % 3 == 1 && it % 5 != 2),
        (Order::tag.within(2, 3).and(state(0)), |it| it % 4 >= 2 && it % 3 == 0),
        (Order::number.equals(70).or(state(5)), |it| it == 10),
        (Order::number.equals(70).and(state(1)), |it| it == 10),
        (Order::state.within(3, 2), |_| false),
    ];
    for (condition, holds) in cases {
        let due: Vec<u64> = (1..=60).filter(|it| holds(*it)).collect();
        assert_eq!(timestamps(&mut shop, &condition, Direction::Ascending), Ok(due.clone()));
        let back = due.into_iter().rev().collect();
        assert_eq!(timestamps(&mut shop, &condition, Direction::Descending), Ok(back));
    }
}

#[test]
fn pages_and_seeks_continue_where_the_last_page_ended() {
    let mut shop = filled();
    let condition = Order::state.equals(1).or(Order::buyer.equals(2 << 100));
    let due: Vec<u64> = (1..=60).filter(|it| it % 3 == 1 || it % 5 == 2).collect();
    for count in 1..=5 {
        let mut found = Vec::new();
        let mut from = 0;
        loop {
            let ((orders, _), mut reader) = shop.read().expect("an open forest");
            let mut query =
                orders.query(&condition, Direction::Ascending, &mut reader).expect("few scans");
            query.seek(from);
            let mut page = Vec::new();
            query.page(count, &mut page).expect("a sound device");
            found.extend(page.iter().map(|order| order.timestamp));
            if page.len() < count {
                break;
            }
            from = found.last().expect("a full page") + 1;
        }
        assert_eq!(found, due, "pages of {count}");
    }
}

#[test]
fn a_seek_skips_objects_that_are_looked_up_ahead() {
    let mut shop = filled();
    for from in [1, 2, 20, 59, 60, 61] {
        let ((orders, _), mut reader) = shop.read().expect("an open forest");
        let condition = Order::state.within(0, 2);
        let mut query =
            orders.query(&condition, Direction::Ascending, &mut reader).expect("few scans");
        let first = query.next().expect("a sound device").expect("an order");
        assert_eq!(first.timestamp, 1);
        query.seek(from);
        let next = query.next().expect("a sound device").map(|order| order.timestamp);
        assert_eq!(next, Some(from.max(2)).filter(|it| *it <= 60), "from {from}");
    }
}

#[test]
fn conditions_that_cannot_be_evaluated_are_refused() {
    let mut shop = shop();
    let mut refused = |condition| {
        timestamps(&mut shop, &condition, Direction::Ascending).expect_err("it is invalid")
    };
    let scans_max = options().scans_max;
    let too_many = InvalidCondition::TooManyScans { scans_max };
    assert_eq!(refused(Order::state.within(0, u64::from(scans_max))), too_many);
    assert_eq!(refused(Order::buyer.within(0, u128::MAX)), too_many);
    let four = Order::state.within(0, 3);
    assert_eq!(refused(four.clone().or(Order::state.equals(9))), too_many);
    assert_eq!(refused(four.and_not(Order::state.equals(9))), too_many);
    assert_eq!(refused(Order::note.equals(1)), InvalidCondition::NoIndex { field: "Order.note" });
    let zero = InvalidCondition::ZeroIsNotIndexed { field: "Order.tag" };
    assert_eq!(refused(Order::tag.equals(0)), zero);
    assert_eq!(refused(Order::tag.within(0, 1)), zero);
}

#[test]
fn conditions_that_are_too_deep_are_refused() {
    type Join = fn(Condition<Order>, Condition<Order>) -> Condition<Order>;
    // A range without values needs no scan, so the number of scans does not limit the depth.
    let none = || Order::state.within(3, 2);
    let deeper: [Join; 4] = [
        Condition::and_not,
        |one, other| other.and_not(one),
        |one, other| other.or(one),
        |one, other| other.clone().and(one).or(other),
    ];
    let mut shop = shop();
    for deeper in deeper {
        let mut condition = none();
        for _ in 0..1_000_000 {
            condition = deeper(condition, none());
        }
        let refused = timestamps(&mut shop, &condition, Direction::Ascending);
        let error = refused.expect_err("it is too deep").to_string();
        assert!(error.starts_with("the condition is nested more than"), "{error}");
    }
}

#[test]
fn long_conditions_that_are_not_deep_are_evaluated() {
    let mut shop = filled();
    let none = || Order::state.within(3, 2);
    let mut condition = Order::state.equals(1);
    for _ in 0..1000 {
        condition = condition.or(none());
    }
    let due: Vec<u64> = (1..=60).filter(|it| it % 3 == 1).collect();
    assert_eq!(timestamps(&mut shop, &condition, Direction::Ascending), Ok(due));
}
