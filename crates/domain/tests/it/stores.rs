//! Stores: what one may become, and what is sold there.

use domain::{
    Command, Currency, Moment, Money, OrderNo, Refusal, StoreId, Subject,
    client::SecretHash,
    event::AdminEvent,
    order::DocumentNumber,
    shop::{Shop, put::PutStore, rotate_secret::RotateSecret},
    version::Expected,
};

use crate::{
    house::{House, command, id, place, staff},
    refusals::Case,
};

const OSLO: StoreId = StoreId(2);

fn oslo() -> PutStore {
    PutStore {
        id: OSLO,
        name: "Oslo".into(),
        currency: nok(),
        time_zone: "Europe/Oslo".into(),
        invoice_prefix: None,
        success_url: None,
        success_hosts: Vec::new(),
        test: false,
        expected: Expected::Any,
    }
}

fn put(store: PutStore) -> Command {
    Command::PutStore(Box::new(store))
}

fn nok() -> Currency {
    Currency::parse("NOK").unwrap()
}

fn shop(house: &House, store: StoreId) -> &Shop {
    house.world.stores.get(&store).unwrap()
}

#[test]
fn a_store_is_made_and_changed() {
    let mut house = House::new();
    house.must(&put(oslo()));
    let made = shop(&house, OSLO);
    assert_eq!((made.invoice_prefix.as_str(), made.version), ("INV2", 1));
    house.must(&put(PutStore { name: "Bergen".into(), test: true, ..oslo() }));
    let changed = shop(&house, OSLO);
    assert_eq!((changed.name.as_str(), changed.test, changed.version), ("Bergen", true, 2));
    let mut written = Vec::new();
    for it in &house.world.admin_events {
        let AdminEvent::StorePut(shop) = &it.event else { panic!("{it:?}") };
        written.push(shop.name.as_str());
    }
    assert_eq!(written, ["Oslo", "Bergen"]);
}

fn rotate(id: StoreId, byte: u8) -> Command {
    Command::RotateSecret(RotateSecret { id, secret_hash: SecretHash::new([byte; 32]) })
}

/// No event has the hash, and to put the store keeps it.
#[test]
fn a_store_keeps_the_secret_that_it_got_last() {
    let mut house = House::new();
    let secret =
        |house: &House| shop(house, OSLO).secret_hash.as_ref().and_then(SecretHash::digest);
    house.must(&put(oslo()));
    assert_eq!(secret(&house), None);
    house.must(&rotate(OSLO, 1));
    house.must(&rotate(OSLO, 2));
    assert_eq!((secret(&house), shop(&house, OSLO).version), (Some([2; 32]), 1));
    house.must(&put(PutStore { name: "Bergen".into(), ..oslo() }));
    assert_eq!((secret(&house), shop(&house, OSLO).name.as_str()), (Some([2; 32]), "Bergen"));
    assert_eq!(shop(&house, StoreId::FIRST).secret_hash, None);
    let told = format!("{:?}", house.world.admin_events);
    assert_eq!(told.matches("StoreSecretRotated").count(), 4, "twice, with what it is called");
    assert!(!told.contains("0202") && !told.contains("0101"), "{told}");
}

#[test]
fn store_1_is_there_from_the_start() {
    let mut house = House::new();
    let first = PutStore { id: StoreId::FIRST, expected: Expected::OneOf(vec![1]), ..oslo() };
    house.must(&put(first));
    let first = shop(&house, StoreId::FIRST);
    assert_eq!((first.invoice_prefix.as_str(), first.version), ("INV", 2));
    assert_eq!(first.currency, nok(), "nothing was ordered yet");
}

/// What is ordered in a store has its currency, its calendar and its numbers.
#[test]
fn an_order_is_its_stores() {
    let mut house = House::new();
    house.clock = Moment(1_767_223_800_000);
    house.must(&put(oslo()));
    house.product("desk", |it| it.currency = nok());
    house.method("standard", |it| it.currency = nok());
    let mut order = place(&[("desk", 1)]);
    order.store = OSLO;
    house.run(&staff(), &command(order)).unwrap();
    let order = house.order(OrderNo(1));
    assert_eq!((order.store, order.currency, order.total), (OSLO, nok(), Money(1500)));
    assert_eq!(order.retrieval_id().unwrap().to_string(), "2-1");
    // Half past midnight there, half an hour before it in UTC.
    let invoice = DocumentNumber { prefix: "INV2".into(), year: 2026, no: 1 };
    assert_eq!(order.invoice, Some(invoice));
}

/// A number stands for one document for ever, whatever its store is called later.
#[test]
fn a_prefix_that_was_used_is_nobody_elses() {
    let mut house = House::new();
    house.must(&command(place(&[("desk", 1)])));
    let first = |prefix: &str| PutStore {
        id: StoreId::FIRST,
        currency: Currency::USD,
        invoice_prefix: Some(prefix.into()),
        ..oslo()
    };
    house.must(&put(first("A")));
    house.must(&put(first("B")));
    let taken = |house: &mut House, prefix: &str| {
        let second = PutStore { invoice_prefix: Some(prefix.into()), ..oslo() };
        house.decide(&staff(), &put(second)).is_err()
    };
    let found = ["INV", "A", "B", "C"].map(|prefix| taken(&mut house, prefix));
    assert_eq!(found, [true, true, true, false]);
    house.must(&put(first("INV")));
    assert_eq!(shop(&house, StoreId::FIRST).past_prefixes, ["A", "B"], "it may have them back");
    // Nothing bears the name of a store without orders.
    house.must(&put(PutStore { invoice_prefix: Some("C".into()), ..oslo() }));
    house.must(&put(PutStore { invoice_prefix: Some("D".into()), ..oslo() }));
    assert!(shop(&house, OSLO).past_prefixes.is_empty());
}

#[test]
fn time_zones_have_names() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(Shop::zone_name(text).as_deref(), expected, "{text}");
    };
    check("UTC", Some("UTC"));
    check("europe/oslo", Some("Europe/Oslo"));
    for text in ["", "Etc/Unknown", "Mars/Olympus", "+01:00", "CET-1CEST", "Europe"] {
        check(text, None);
    }
}

pub(crate) fn refused() -> Vec<Case> {
    let with_order = || {
        let mut house = House::new();
        house.must(&command(place(&[("desk", 1)])));
        house
    };
    let first = PutStore { id: StoreId::FIRST, ..oslo() };
    let euro = Currency::parse("EUR").unwrap();
    vec![
        Case {
            what: "the currency of a store that has orders",
            house: with_order(),
            who: staff(),
            asked: put(first),
            subject: Subject::Currency,
            refusal: Refusal::StoreCurrencyFixed(StoreId::FIRST),
        },
        Case {
            what: "another secret of a store that is not there",
            house: House::new(),
            who: staff(),
            asked: rotate(OSLO, 1),
            subject: Subject::Request,
            refusal: Refusal::StoreNotFound(OSLO),
        },
        Case {
            what: "the prefix of another store",
            house: House::new(),
            who: staff(),
            asked: put(PutStore { invoice_prefix: Some("INV".into()), ..oslo() }),
            subject: Subject::InvoicePrefix,
            refusal: Refusal::InvoicePrefixTaken("INV".into()),
        },
        Case {
            what: "a product in another currency than the store's",
            house: {
                let mut house = House::new();
                house.must(&put(PutStore { currency: euro, ..oslo() }));
                house
            },
            who: staff(),
            asked: {
                let mut order = place(&[("desk", 1)]);
                order.store = OSLO;
                command(order)
            },
            subject: Subject::Item(0),
            refusal: Refusal::CurrencyMismatch {
                product: id("desk"),
                found: Currency::USD,
                expected: euro,
            },
        },
    ]
}
