//! The two logs: every event in its order, and a reader that hands back the last number.

use domain::{Event, Keys, OrderNo, Recorded, StoreId, counter::Counter};
use store::{EventQuery, Events};

use crate::{
    fixture::Fixture,
    samples::{every_admin_event, every_event, logged, recorded, stock_low},
};

fn fill(it: &Fixture, events: &[Recorded]) {
    it.write(&Keys::default(), |world| world.events.extend_from_slice(events));
}

pub(crate) fn every_kind_of_event_is_read_back(it: &Fixture) {
    let events: Vec<Recorded> = (1..)
        .zip(every_event())
        .map(|(seq, event)| {
            let order = if matches!(event, Event::StockLow(_)) { None } else { Some(9) };
            recorded(seq, 1, order, event)
        })
        .collect();
    fill(it, &events);
    let found = it.wait(it.reads().events(EventQuery { limit: 100, ..EventQuery::default() }));
    assert_eq!(found.unwrap().events, events);

    let log: Vec<_> = (1..).zip(every_admin_event()).map(|(seq, it)| logged(seq, it)).collect();
    it.write(&Keys::default(), |world| world.admin_events.extend_from_slice(&log));
    assert_eq!(it.wait(it.reads().admin_events(0, 100)).unwrap(), log);
}

/// Three stores, seven orders, every kind, some without an order.
fn a_log() -> Vec<Recorded> {
    let kinds = every_event();
    (1..=60_u64)
        .map(|seq| {
            let event = kinds[usize::try_from(seq * 7).unwrap() % kinds.len()].clone();
            let order = if matches!(event, Event::StockLow(_)) { None } else { Some(seq % 7 + 1) };
            recorded(seq, u32::try_from(seq % 3).unwrap() + 1, order, event)
        })
        .collect()
}

/// What `Reads::events` says, in few words.
fn expected(log: &[Recorded], query: &EventQuery) -> Events {
    let looked_at: Vec<&Recorded> = log
        .iter()
        .filter(|it| it.seq > query.after)
        .filter(|it| query.order.is_none() || it.order == query.order)
        .take(usize::try_from(query.limit).unwrap())
        .collect();
    Events {
        last_seq: looked_at.last().map_or(query.after, |it| it.seq),
        events: looked_at
            .into_iter()
            .filter(|it| query.stores.is_empty() || query.stores.contains(&it.store))
            .filter(|it| query.wants_type(it.event.kind()))
            .cloned()
            .collect(),
    }
}

pub(crate) fn pages_of_events(it: &Fixture) {
    let log = a_log();
    fill(it, &log);
    let families = [
        vec![],
        vec!["order.created".to_owned()],
        vec!["order.*".to_owned()],
        vec!["order.paid".to_owned(), "shipment.*".to_owned()],
        vec!["stock.low".to_owned()],
        vec!["no.such".to_owned()],
    ];
    let stores = [vec![], vec![StoreId(2)], vec![StoreId(1), StoreId(3)], vec![StoreId(9)]];
    let reads = it.reads();
    for after in [0, 1, 29, 59, 60, 1000] {
        for limit in [1, 7, 200] {
            for order in [None, Some(OrderNo(3)), Some(OrderNo(99))] {
                for stores in &stores {
                    for types in &families {
                        let (stores, types) = (stores.clone(), types.clone());
                        let query = EventQuery { after, limit, order, stores, types };
                        let found = it.wait(reads.events(query.clone())).unwrap();
                        assert_eq!(found, expected(&log, &query), "{query:?}");
                    }
                }
            }
        }
    }
}

pub(crate) fn a_page_without_an_event_moves_on(it: &Fixture) {
    let log: Vec<_> = (1..=25).map(|seq| recorded(seq, 1, None, stock_low())).collect();
    fill(it, &log);
    let types = vec!["order.*".to_owned()];
    let mut after = 0;
    for last_seq in [10, 20, 25, 25] {
        let query = EventQuery { after, limit: 10, types: types.clone(), ..EventQuery::default() };
        let found = it.wait(it.reads().events(query)).unwrap();
        assert_eq!(found, Events { events: Vec::new(), last_seq });
        after = found.last_seq;
    }
}

pub(crate) fn the_last_number_is_known(it: &Fixture) {
    assert_eq!(it.wait(it.reads().last_seq()), Ok(0));
    for last in [1, 2, 40] {
        it.write(&Keys::default(), |world| world.counters.take(Counter::Event, last));
        assert_eq!(it.wait(it.reads().last_seq()), Ok(last));
    }
}

pub(crate) fn pages_of_the_admin_log(it: &Fixture) {
    let kinds = every_admin_event();
    let log: Vec<_> =
        (1..=20).map(|seq| logged(seq, kinds[usize::try_from(seq).unwrap() % 9].clone())).collect();
    it.write(&Keys::default(), |world| world.admin_events.extend_from_slice(&log));
    for after in [0, 1, 13, 20, 99] {
        for limit in [1, 6, 100] {
            let found = it.wait(it.reads().admin_events(after, limit)).unwrap();
            let rest = log.iter().filter(|it| it.seq > after);
            let expected: Vec<_> = rest.take(usize::try_from(limit).unwrap()).cloned().collect();
            assert_eq!(found, expected, "after {after}, {limit} of them");
        }
    }
}
