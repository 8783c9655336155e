//! Customers: what is known of them, who may be forgotten, and what stays when they are.

use domain::{
    Command, EffectId, IntentId, Keys, Moment, Money, OrderNo, Outcome, Refusal, Subject,
    address::{Contact, Person},
    cart::{Cart, CartKey, CartStatus, Contents},
    customer::{
        Channel, Customer,
        erase::EraseCustomer,
        erasure::{CARTS_MAX, EndErasure, EraseCarts, ErasePerson, ForgetAnswers},
        put::PutCustomer,
    },
    event::AdminEvent,
    idempotency::{Fingerprint, KeyHash, Remembered},
    order::Status,
    version::Expected,
};

use crate::{
    house::{House, NOON, address, cancel, command, customer, deliver, id, place, ship, staff},
    refusals::Case,
};

fn ann() -> PutCustomer {
    PutCustomer {
        id: id("ann"),
        name: Some("Ann Doe".into()),
        email: Some("ann@example.com".into()),
        phone: Some("1".into()),
        locale: Some("nb-NO".into()),
        notify: vec![Channel::Email, Channel::Sms],
        expected: Expected::Any,
    }
}

fn put(customer: PutCustomer) -> Command {
    Command::PutCustomer(Box::new(customer))
}

fn erase(orders: &[u64], carts: Vec<CartKey>) -> Command {
    let orders = orders.iter().copied().map(OrderNo).collect();
    let (id, expected) = (id("ann"), Expected::Any);
    Command::EraseCustomer(Box::new(EraseCustomer { id, orders, carts, expected }))
}

fn forget(order: u64) -> Command {
    Command::ErasePerson(ErasePerson { order: OrderNo(order) })
}

fn known(house: &mut House) -> Option<Customer> {
    house.load_absent(Keys { customers: [id("ann")].into(), ..Keys::default() });
    house.world.customers.get(&id("ann")).cloned()
}

/// An order of Ann's that has arrived.
fn arrived(house: &mut House) -> OrderNo {
    let mut order = place(&[("desk", 1)]);
    order.person.contact = Contact { email: Some("ann@example.com".into()), phone: None };
    house.must(&command(order));
    let no = OrderNo(house.counter(domain::counter::Counter::Order));
    house.must(&ship(no));
    house.must(&deliver(no));
    no
}

#[test]
fn a_customer_is_put_and_the_log_says_what_but_not_whom() {
    let mut house = House::new();
    assert_eq!(
        house.run(&staff(), &put(ann())).unwrap(),
        Outcome::Customer { id: id("ann"), created: true }
    );
    house.clock = Moment(NOON.0 + 5);
    house.must(&put(PutCustomer { name: None, phone: Some("2".into()), ..ann() }));
    let found = known(&mut house).unwrap();
    assert_eq!((found.name, found.phone.as_deref(), found.version), (None, Some("2"), 2));
    assert_eq!(found.registered_at, NOON);
    let told: Vec<_> =
        house.world.admin_events.iter().map(|it| format!("{:?}", it.event)).collect();
    assert!(told[0].contains(r#"["name", "email", "phone", "locale", "notify"]"#), "{}", told[0]);
    assert!(told[1].contains(r#"["name", "phone"]"#), "{}", told[1]);
    assert!(told.iter().all(|it| !it.contains("Doe") && !it.contains("example")), "{told:?}");
}

#[test]
fn a_customer_is_changed_as_it_was_seen() {
    let mut house = House::new();
    house.must(&command(place(&[("desk", 1)])));
    let version = known(&mut house).unwrap().version;
    let expecting =
        |version: u64| PutCustomer { expected: Expected::OneOf(vec![version]), ..ann() };
    let stale = house.run(&staff(), &put(expecting(version + 1))).unwrap_err();
    assert_eq!(*stale.first(), Refusal::VersionMismatch { current: Some(version) });
    house.must(&put(expecting(version)));
}

#[test]
fn an_order_forgets_its_person_and_nothing_else() {
    let mut house = House::new();
    let no = arrived(&mut house);
    let before = house.order(no).clone();
    house.must(&erase(&[no.0], Vec::new()));
    assert_eq!(known(&mut house), None, "at once");
    house.must(&forget(no.0));
    let after = house.order(no).clone();
    assert_eq!((after.person.as_ref(), after.person_erased), (None, true));
    assert_eq!((after.version, &after.customer), (before.version + 1, &before.customer));
    assert_eq!(
        (after.lines, after.total, after.invoice),
        (before.lines, before.total, before.invoice)
    );
    assert_eq!(house.world.erased.get(&no), before.person.as_ref(), "for the stores to let go of");
    let events = house.world.events.len();
    house.must(&forget(no.0));
    assert_eq!(house.world.events.len(), events, "once");
    let begun_at = house.world.erasures.get(&id("ann")).unwrap().begun_at;
    house.must(&Command::EndErasure(EndErasure { customer: id("ann"), begun_at }));
    assert_eq!(house.world.erasures.get(&id("ann")), None);
    let last = &house.world.admin_events.last().unwrap().event;
    assert!(matches!(last, AdminEvent::CustomerErased(_)), "{last:?}");
}

#[test]
fn whoever_orders_again_is_somebody_new() {
    let mut house = House::new();
    let no = arrived(&mut house);
    house.must(&erase(&[no.0], Vec::new()));
    let again = arrived(&mut house);
    assert!(known(&mut house).is_some());
    let erasure = house.world.erasures.get(&id("ann")).unwrap();
    assert!(erasure.until < again, "what comes later is not erased");
}

/// Nobody knows any more where it should go.
#[test]
fn a_late_payment_of_a_forgotten_order_goes_back() {
    use domain::{
        order::{expire::ExpireOrder, place::PlaceOrder},
        payment::{IntentNews, IntentState, record::RecordPayment, record_intent::RecordIntent},
    };
    let mut house = House::new();
    let order = PlaceOrder {
        payment_method: domain::order::PaymentMethod::CreditCard,
        prepay: true,
        ..place(&[("desk", 1)])
    };
    house.run(&customer("ann"), &command(order)).unwrap();
    let no = OrderNo(1);
    let (effect, intent) = (EffectId::new("pay_1_1"), IntentId::new("pi_1"));
    let made = RecordIntent {
        order: no,
        effect,
        intent: intent.clone(),
        client_secret: String::from("pi_1_secret").into(),
    };
    house.must(&Command::RecordIntent(made));
    house.clock = Moment(NOON.0 + 24 * 3600 * 1000);
    house.must(&Command::ExpireOrder(ExpireOrder { order: no }));
    house.must(&erase(&[1], Vec::new()));
    house.must(&forget(1));
    let order = house.order(no);
    let news = IntentNews {
        intent,
        order: Some(no),
        payment: None,
        amount: order.total,
        currency: order.currency,
        state: IntentState::Succeeded,
        message: None,
    };
    let (closes, expected) = (None, Expected::Any);
    let record = RecordPayment { order: no, news: Some(news), closes, expected };
    _ = house.run(&staff(), &Command::RecordPayment(Box::new(record)));
    let order = house.order(no);
    assert_eq!((order.status, order.refunds.len()), (Status::Cancelled, 1));
    assert_eq!(order.refunds[0].amount, Money(1500));
}

fn cart(house: &mut House, name: &str, status: CartStatus) -> CartKey {
    let key = CartKey { owner: Some(id("ann")), id: id(name) };
    let person = Person { shipping_address: Some(address("US")), ..Person::default() };
    let contents = Contents { person, ..Contents::default() };
    let cart = Cart {
        key: key.clone(),
        store: domain::StoreId::FIRST,
        status,
        contents,
        version: 1,
        expires_at: None,
        order: None,
        temp: None,
    };
    house.world.carts.load(key.clone(), Some(cart));
    key
}

#[test]
fn carts_go_a_few_at_a_time() {
    let mut house = House::new();
    let mut carts: Vec<_> = (0..CARTS_MAX + 3)
        .map(|it| cart(&mut house, &format!("c{it}"), CartStatus::Open))
        .collect();
    carts[1] = cart(&mut house, "ordered", CartStatus::Ordered);
    house.must(&erase(&[], carts.clone()));
    let left = |house: &House| {
        let there = carts.iter().filter(|it| house.world.carts.get(it).is_some()).count();
        (there, house.world.erasures.get(&id("ann")).unwrap().carts.len())
    };
    assert_eq!(left(&house), (CARTS_MAX + 3, CARTS_MAX + 2));
    let next = |carts: &[CartKey]| {
        let carts = carts.iter().take(CARTS_MAX).cloned().collect();
        Command::EraseCarts(EraseCarts { customer: id("ann"), carts })
    };
    house.must(&next(&carts));
    assert_eq!(left(&house), (4, 3), "one was ordered, and there is nobody in it");
    let end = Command::EndErasure(EndErasure { customer: id("ann"), begun_at: NOON });
    house.must(&end);
    assert_eq!(left(&house), (4, 3), "it is not at its end");
    house.must(&next(&carts[CARTS_MAX..]));
    assert_eq!(left(&house), (1, 0));
    house.must(&next(&carts));
    house.must(&end);
    assert_eq!(house.world.erasures.get(&id("ann")), None);
    // What nobody has asked to erase stays.
    let new = cart(&mut house, "new", CartStatus::Open);
    house.must(&next(std::slice::from_ref(&new)));
    assert!(house.world.carts.get(&new).is_some());
}

#[test]
fn an_answer_keeps_its_first_line() {
    let mut house = House::new();
    let key = KeyHash([7; 16]);
    let remembered = |answer: &str, shows: Option<&str>| Remembered {
        fingerprint: Fingerprint([0; 16]),
        at: NOON,
        answer: answer.into(),
        shows: shows.map(id),
    };
    house.world.idempotency.load(key, Some(remembered("head\nAnn\nDoe", Some("ann"))));
    house.must(&Command::ForgetAnswers(ForgetAnswers { keys: vec![key, KeyHash([8; 16])] }));
    assert_eq!(house.world.idempotency.get(&key), Some(&remembered("head", None)));
    assert_eq!(house.world.idempotency.get(&KeyHash([8; 16])), None);
}

#[test]
fn what_is_known_of_anybody_can_be_erased() {
    // An order of somebody who was never registered.
    let mut house = House::new();
    let no = arrived(&mut house);
    house.world.customers.remove(id("ann"));
    house.must(&erase(&[no.0], Vec::new()));
    house.must(&forget(no.0));
    house.must(&Command::EndErasure(EndErasure { customer: id("ann"), begun_at: NOON }));
    // Nothing is left, so there is nobody.
    let again = house.run(&staff(), &erase(&[no.0], Vec::new())).unwrap_err();
    assert_eq!(*again.first(), Refusal::CustomerNotFound(id("ann")));
    // Somebody else's order shows nothing.
    let mut order = place(&[("desk", 1)]);
    order.customer = Some(id("bob"));
    house.must(&command(order));
    house.must(&cancel(OrderNo(2)));
    let of_bob = house.run(&staff(), &erase(&[2], Vec::new())).unwrap_err();
    assert_eq!(*of_bob.first(), Refusal::CustomerNotFound(id("ann")));
}

pub(crate) fn refused() -> Vec<Case> {
    let open = |no: u64| {
        let open = vec![OrderNo(no)];
        Refusal::CustomerHasOpenOrders { customer: id("ann"), open }
    };
    let with_orders = || {
        let mut house = House::new();
        arrived(&mut house);
        house.must(&command(place(&[("desk", 1)])));
        house
    };
    let case = |what, house, asked, refusal| {
        let (who, subject) = (staff(), Subject::Request);
        Case { what, house, who, asked, subject, refusal }
    };
    vec![
        case("who waits for an order", with_orders(), erase(&[1, 2], Vec::new()), open(2)),
        case("an order that is on its way", with_orders(), forget(2), open(2)),
        case("no order", House::new(), forget(1), Refusal::OrderNotFound(OrderNo(1))),
    ]
}
