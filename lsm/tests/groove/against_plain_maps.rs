//! Random histories of objects, compared with plain maps after every few batches, and after
//! openings.

use std::collections::BTreeMap;

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::groove::{Groove, ObjectKey};

use crate::objects::{Event, Order, Shop, shop};
use crate::random::Random;

/// The objects by timestamp.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    orders: BTreeMap<u64, Order>,
    events: BTreeMap<u64, Event>,
}

fn random_order(timestamp: u64, id: u128, random: &mut Random) -> Order {
    Order {
        timestamp,
        state: random.below(3),
        id,
        buyer: u128::from(random.below(4)) << 64,
        number: timestamp * 3,
        tag: random.below(3) as u32,
        note: random.below(100) as u32,
    }
}

/// Runs the writes of a batch on orders with few ids.
fn batch(
    orders: &mut Groove<Order>,
    model: &mut Model,
    time: &mut u64,
    random: &mut Random,
    ids: &[u128],
) {
    for id in ids {
        if orders.room() == 0 {
            return;
        }
        let present = model.orders.values().find(|order| order.id == *id).copied();
        assert_eq!(orders.get(*id), present);
        match present {
            None => {
                *time += 1;
                let order = random_order(*time, *id, random);
                orders.insert(&order);
                model.orders.insert(*time, order);
            }
            Some(order) if random.below(3) == 0 => {
                orders.remove(*id);
                model.orders.remove(&order.timestamp);
            }
            Some(order) => {
                let new = random_order(order.timestamp, *id, random);
                orders.update(&new);
                model.orders.insert(order.timestamp, new);
            }
        }
    }
}

fn check(shop: &mut Shop, model: &Model, random: &mut Random) {
    let ((orders, events), mut reader) = shop.read().expect("an open forest");
    let mut all = Vec::new();
    let mut range = orders.range(0..=u64::MAX, Direction::Ascending, &mut reader);
    while let Some(order) = range.next().expect("a sound device") {
        all.push(order);
    }
    drop(range);
    assert_eq!(all, model.orders.values().copied().collect::<Vec<_>>());

    let (state, buyer, tag) =
        (random.below(3), u128::from(random.below(4)) << 64, 1 + random.below(2) as u32);
    let (by_state, by_buyer) = (Order::state.equals(state), Order::buyer.equals(buyer));
    let tagged = Order::tagged.equals(buyer);
    let condition = match random.below(6) {
        0 => by_state.and(by_buyer),
        1 => by_state.or(by_buyer).and_not(Order::tag.equals(tag)),
        2 => by_state.and_not(by_buyer),
        3 => tagged.and(by_state),
        4 => by_state.and_not(tagged),
        _ => Order::state.within(0, 1).and(by_buyer),
    };
    let kind = format!("{condition:?}");
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut found = Vec::new();
        let mut query = orders.query(&condition, direction, &mut reader).expect("few scans");
        query.page(usize::MAX, &mut found).expect("a sound device");
        if direction == Direction::Descending {
            found.reverse();
        }
        let holds = |it: &&Order| {
            // The derived index is number 7: the buyer of an order with a tag.
            let has_buyer = it.tag != 0 || !kind.contains("field: 7");
            let (is_state, is_buyer) = (it.state == state, it.buyer == buyer && has_buyer);
            match kind.split('(').next() {
                Some("Difference") if kind.contains("Union") => {
                    (is_state || is_buyer) && it.tag != tag
                }
                Some("Difference") => is_state && !is_buyer,
                _ if kind.contains("Within") => it.state <= 1 && is_buyer,
                _ => is_state && is_buyer,
            }
        };
        let due: Vec<Order> = model.orders.values().filter(holds).copied().collect();
        assert_eq!(found, due, "{kind}");
    }
    let mut tagged = Vec::new();
    let take = |value, timestamp| tagged.push((value, timestamp));
    orders
        .for_each_entry(Order::tagged, Direction::Ascending, &mut reader, take)
        .expect("a sound device");
    let with_tag = model.orders.values().filter(|order| order.tag != 0);
    let mut due: Vec<_> = with_tag.map(|order| (order.buyer, order.timestamp)).collect();
    due.sort_unstable();
    assert_eq!(tagged, due);
    let mut query =
        events.query(&Event::kind.equals(1), Direction::Ascending, &mut reader).expect("one scan");
    let mut found = Vec::new();
    query.page(usize::MAX, &mut found).expect("a sound device");
    let due: Vec<Event> = model.events.values().filter(|it| it.kind == 1).copied().collect();
    assert_eq!(found, due);
}

#[test]
fn grooves_equal_plain_maps_over_scopes_checkpoints_and_openings() {
    for seed in 0..4 {
        let mut random = Random(seed);
        let mut shop = shop();
        let mut model = Model::default();
        // The model at the end of each beat.
        let mut history = BTreeMap::from([(0, model.clone())]);
        let mut time = 0;
        for step in 0..600 {
            let ids: Vec<u128> =
                (0..1 + random.below(4)).map(|_| u128::from(random.below(24)) << 70).collect();
            let ((orders, _), mut reader) = shop.read().expect("an open forest");
            let mut keys: Vec<_> = ids.iter().map(|id| ObjectKey::primary(*id)).collect();
            // Also an object by its unique key and by its timestamp.
            let nth = model.orders.values().nth(random.below(20) as usize);
            keys.extend(nth.map(|order| ObjectKey::unique(Order::number, order.number)));
            keys.extend(nth.map(|order| ObjectKey::timestamp(order.timestamp)));
            orders.prefetch(&keys, &mut reader).expect("a sound device");
            if let Some(order) = nth {
                let by_number = ObjectKey::unique(Order::number, order.number);
                assert_eq!(orders.get_prefetched(by_number), Some(*order));
                let by_time = ObjectKey::timestamp(order.timestamp);
                assert_eq!(orders.get_prefetched(by_time), Some(*order));
            }

            let (orders, _) = shop.write().expect("an open forest");
            let before = (model.clone(), time);
            let scope = random.below(3);
            if scope < 2 {
                orders.scope_open();
            }
            batch(orders, &mut model, &mut time, &mut random, &ids);
            if scope == 0 {
                orders.scope_close(ScopeOutcome::Discard);
                (model, time) = before;
                batch(orders, &mut model, &mut time, &mut random, &ids);
            } else if scope == 1 {
                orders.scope_close(ScopeOutcome::Persist);
            }
            time += 1;
            let event = Event { timestamp: time, kind: random.below(2) };
            let ((_, events), mut reader) = shop.read().expect("an open forest");
            let key = ObjectKey::timestamp(time);
            events.prefetch(&[key], &mut reader).expect("a sound device");
            shop.write().expect("an open forest").1.insert(&event);
            model.events.insert(time, event);

            shop.beat().expect("a sound device");
            history.insert(shop.beat_number(), model.clone());
            if step % 7 == 0 {
                check(&mut shop, &model, &mut random);
            }
            if random.below(60) == 0 {
                shop.open_again().expect("a sound device");
                let beat = shop.beat_number();
                model = history[&beat].clone();
                history.retain(|it, _| *it <= beat);
                check(&mut shop, &model, &mut random);
            }
        }
        let held = shop.checkpoint().expect("a sound device");
        shop.open_again().expect("a sound device");
        assert_eq!(shop.beat_number(), held);
        check(&mut shop, &model, &mut random);
    }
}
