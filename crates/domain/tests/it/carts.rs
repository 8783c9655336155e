//! Carts: who has one, what goes into it, and how it becomes an order, once.

use domain::{
    Actor, Command, Moment, Money, OrderNo, Outcome, Refusal, Refusals, Role, StoreId, Subject,
    address::{Contact, Person},
    cart::{
        Cart, CartItem, CartKey, CartStatus, Contents,
        create::CreateCart,
        delete::DeleteCart,
        order::OrderCart,
        outside::{Outside, OutsideCart},
        pricing,
        put::PutCart,
        put_items::PutCartItems,
    },
    order::{PaymentMethod, Status},
    version::Expected,
};

use crate::{
    house::{House, address, customer, id, quantity, staff},
    refusals::Case,
};

const DAY_MS: i64 = 24 * 3600 * 1000;

fn key(owner: Option<&str>, name: &str) -> CartKey {
    CartKey { owner: owner.map(id), id: id(name) }
}

fn anns() -> CartKey {
    key(Some("ann"), "c1")
}

fn items(of: &[(&str, u32)]) -> Vec<CartItem> {
    let item = |(product, count): &(&str, u32)| CartItem {
        product: id(product),
        variant: None,
        quantity: quantity(*count),
    };
    of.iter().map(item).collect()
}

fn contents(of: &[(&str, u32)]) -> Contents {
    let contact = Contact { email: Some("ann@example.com".into()), phone: None };
    let person = Person { shipping_address: Some(address("US")), contact, ..Person::default() };
    Contents { items: items(of), delivery_method: None, person }
}

fn create(cart: CartKey, contents: Contents) -> Command {
    Command::CreateCart(Box::new(CreateCart { cart, store: StoreId::FIRST, contents }))
}

fn put(cart: CartKey, contents: Contents, expected: Expected) -> Command {
    let (store, usual_store) = (None, StoreId::FIRST);
    Command::PutCart(Box::new(PutCart { cart, store, usual_store, contents, expected }))
}

fn put_items(cart: CartKey, of: &[(&str, u32)]) -> Command {
    Command::PutCartItems(PutCartItems { cart, items: items(of), expected: Expected::Any })
}

fn delete(cart: CartKey) -> Command {
    Command::DeleteCart(DeleteCart { cart, expected: Expected::Any })
}

fn order(cart: CartKey) -> OrderCart {
    OrderCart {
        cart,
        outside: Outside::Nothing,
        store: None,
        delivery_method: None,
        payment_method: PaymentMethod::CashOnDelivery,
        person: Box::default(),
        email: None,
        metadata: [].into(),
        total: None,
    }
}

fn command(order: OrderCart) -> Command {
    Command::OrderCart(Box::new(order))
}

fn refusal(house: &mut House, who: &Actor, command: &Command) -> Refusal {
    let refusals: Refusals = house.run(who, command).expect_err("it is refused");
    refusals.first().clone()
}

fn cart(house: &House) -> &Cart {
    house.world.carts.get(&anns()).unwrap()
}

/// A house with two desks and a book in Ann's cart.
fn filled() -> House {
    let mut house = House::new();
    let made = house.run(&customer("ann"), &create(anns(), contents(&[("desk", 2), ("book", 1)])));
    assert_eq!(made, Ok(Outcome::Cart { key: anns(), created: true }));
    house
}

/// For the table of all refusals.
pub(crate) fn refused() -> Vec<Case> {
    let case = |what, house, asked, subject, refusal| {
        let who = customer("ann");
        Case { what, house, who, asked, subject, refusal }
    };
    let mut empty = filled();
    empty.must(&put_items(anns(), &[]));
    let mut ordered = filled();
    ordered.must(&command(order(anns())));
    let (whole, name) = (Subject::Request, || id("c1"));
    let gone = Refusal::CartOrdered { cart: name(), order: Some(OrderNo(1)) };
    vec![
        case("no cart", House::new(), delete(anns()), whole, Refusal::CartNotFound(name())),
        case(
            "a cart service that does not answer",
            House::new(),
            command(order_outside(Outside::Silent)),
            whole,
            Refusal::CartServiceSilent,
        ),
        case(
            "a cart service that answers what is no cart",
            House::new(),
            command(order_outside(Outside::Unreadable)),
            whole,
            Refusal::CartUnreadable,
        ),
        case(
            "an empty cart",
            empty,
            command(order(anns())),
            Subject::Cart,
            Refusal::CartEmpty(name()),
        ),
        case(
            "a name that is taken",
            filled(),
            create(anns(), contents(&[])),
            whole,
            Refusal::CartExists(name()),
        ),
        case("a cart that was ordered", ordered, command(order(anns())), whole, gone),
    ]
}

#[test]
fn a_cart_becomes_an_order_once() {
    let mut house = filled();
    let events = house.world.events.len();
    assert_eq!(events, 0, "a cart has no events");
    assert!(house.world.admin_events.is_empty());
    let done = house.run(&customer("ann"), &command(order(anns())));
    assert_eq!(done, Ok(Outcome::Order(OrderNo(1))));
    let placed = house.order(OrderNo(1));
    assert_eq!((placed.status, placed.total), (Status::Confirmed, Money(3500)));
    assert_eq!(placed.customer, Some(id("ann")));
    let person = placed.person.as_ref().unwrap();
    assert_eq!(person.shipping_address, Some(address("US")));
    assert_eq!(person.contact.email.as_deref(), Some("ann@example.com"));
    assert_eq!(house.shelf("desk"), (10, 2));
    let consumed = cart(&house);
    assert_eq!((consumed.status, consumed.order), (CartStatus::Ordered, Some(OrderNo(1))));
    assert_eq!(consumed.contents.person, Person::default(), "the order has the person now");

    let named = |order| Refusal::CartOrdered { cart: id("c1"), order };
    let integration = Actor { role: Role::Integration, ..staff() };
    for (who, told) in
        [(customer("ann"), Some(OrderNo(1))), (staff(), Some(OrderNo(1))), (integration, None)]
    {
        for again in [
            command(order(anns())),
            put(anns(), contents(&[]), Expected::Any),
            put_items(anns(), &[]),
            delete(anns()),
        ] {
            assert_eq!(refusal(&mut house, &who, &again), named(told), "{again:?}");
        }
    }
    assert_eq!(house.shelf("desk"), (10, 2));
}

#[test]
fn what_the_order_says_goes_over_what_the_cart_says() {
    let mut house = filled();
    house.method("express", |it| it.price = Money(900));
    let mut asked = order(anns());
    asked.delivery_method = Some(id("express"));
    asked.person.shipping_address = Some(address("DE"));
    asked.person.contact.phone = Some("1".into());
    asked.email = Some("token@example.com".into());
    house.must(&command(asked));
    let placed = house.order(OrderNo(1));
    assert_eq!(placed.shipping.method, Some(id("express")));
    let person = placed.person.as_ref().unwrap();
    assert_eq!(person.shipping_address, Some(address("DE")));
    let contact = Contact { email: Some("ann@example.com".into()), phone: Some("1".into()) };
    assert_eq!(person.contact, contact, "the caller's own e-mail comes last");
}

#[test]
fn a_prepaid_cart_order_waits_without_an_intent() {
    let mut house = filled();
    let asked = OrderCart { payment_method: PaymentMethod::CreditCard, ..order(anns()) };
    let decision = house.decide(&customer("ann"), &command(asked)).unwrap();
    assert!(decision.wishes.is_empty());
    house.apply(decision);
    let placed = house.order(OrderNo(1));
    assert_eq!((placed.status, placed.with_payment), (Status::Pending, false));
    let until = house.clock.plus_ms(house.world.policy.reservation_ms);
    assert_eq!(placed.expires_at, Some(until));
    assert_eq!(house.shelf("desk"), (10, 2), "its stock is kept");
}

#[test]
fn a_refused_order_leaves_the_cart_open() {
    let mut house = filled();
    house.must(&put_items(anns(), &[("desk", 11)]));
    let refused = refusal(&mut house, &customer("ann"), &command(order(anns())));
    assert!(matches!(refused, Refusal::InsufficientStock { .. }), "{refused:?}");
    assert_eq!(cart(&house).status, CartStatus::Open);
    house.must(&put_items(anns(), &[]));
    let refusals = house.run(&customer("ann"), &command(order(anns()))).unwrap_err();
    let told: Vec<_> = refusals.iter().cloned().collect();
    assert_eq!(told, [(Subject::Cart, Refusal::CartEmpty(id("c1")))]);
}

#[test]
fn a_cart_is_its_owners() {
    let mut house = filled();
    let none = Refusal::CartNotFound(id("c1"));
    for missing in [key(Some("bob"), "c1"), key(None, "c1")] {
        for asked in [
            command(order(missing.clone())),
            put_items(missing.clone(), &[]),
            delete(missing.clone()),
        ] {
            assert_eq!(refusal(&mut house, &staff(), &asked), none, "{asked:?}");
        }
    }
    let narrowed = Actor { stores: Some(vec![StoreId(2)]), ..staff() };
    for asked in [
        command(order(anns())),
        put(anns(), contents(&[]), Expected::Any),
        put_items(anns(), &[]),
        delete(anns()),
    ] {
        assert_eq!(refusal(&mut house, &narrowed, &asked), none, "{asked:?}");
    }
    let made = house.run(&customer("bob"), &create(key(Some("bob"), "c1"), contents(&[])));
    assert!(made.is_ok(), "another's name is free");
    let again = create(anns(), contents(&[]));
    assert_eq!(refusal(&mut house, &staff(), &again), Refusal::CartExists(id("c1")));
}

#[test]
fn each_change_raises_the_version_and_puts_off_the_end() {
    let mut house = filled();
    assert_eq!((cart(&house).version, cart(&house).expires_at), (1, after(&house, 30)));
    house.clock = house.clock.plus_ms(DAY_MS);
    house.must(&put_items(anns(), &[("desk", 1)]));
    assert_eq!((cart(&house).version, cart(&house).expires_at), (2, after(&house, 30)));
    assert!(cart(&house).contents.person.shipping_address.is_some(), "the rest stays");
    let stale = put(anns(), contents(&[]), Expected::OneOf(vec![1]));
    let current = Some(2);
    assert_eq!(refusal(&mut house, &staff(), &stale), Refusal::VersionMismatch { current });
    house.must(&put(anns(), Contents::default(), Expected::OneOf(vec![2])));
    assert_eq!(cart(&house).contents, Contents::default());
    assert_eq!(cart(&house).version, 3);
}

fn after(house: &House, days: i64) -> Option<Moment> {
    Some(house.clock.plus_ms(days * DAY_MS))
}

#[test]
fn a_cart_that_has_run_out_was_never_there() {
    let mut house = filled();
    house.clock = house.clock.plus_ms(30 * DAY_MS - 1);
    assert!(house.decide(&staff(), &delete(anns())).is_ok());
    house.clock = house.clock.plus_ms(1);
    let none = Refusal::CartNotFound(id("c1"));
    for asked in [command(order(anns())), put_items(anns(), &[]), delete(anns())] {
        assert_eq!(refusal(&mut house, &staff(), &asked), none, "{asked:?}");
    }
    let made = house.run(&staff(), &put(anns(), contents(&[]), Expected::Any));
    assert_eq!(made, Ok(Outcome::Cart { key: anns(), created: true }));
    assert_eq!(cart(&house).version, 2, "nobody takes the new one for the old");
}

#[test]
fn what_can_not_be_sold_can_not_be_put() {
    let mut house = House::new();
    house.product("old", |it| it.active = false);
    let mut wanted = contents(&[("desk", 99), ("never", 1), ("old", 1)]);
    wanted.delivery_method = Some(id("rocket"));
    let refusals = house.run(&staff(), &create(anns(), wanted)).unwrap_err();
    let told: Vec<Subject> = refusals.iter().map(|(subject, _)| *subject).collect();
    assert_eq!(told, [Subject::DeliveryMethod, Subject::Item(1), Subject::Item(2)]);
}

#[test]
fn prices_are_the_catalogues_of_now() {
    let mut house = filled();
    let priced = pricing::price(cart(&house), &house.world);
    assert_eq!((priced.subtotal, priced.shipping), (Money(3000), Some(Money(500))));
    assert_eq!(priced.total, Money(3500));
    let available: Vec<_> = priced.items.iter().map(|it| it.available).collect();
    assert_eq!(available, [Some(10), None], "a book never runs out");

    house.product("desk", |it| it.price = Money(1));
    house.product("book", |it| it.active = false);
    house.method("standard", |it| it.countries = vec![crate::house::country("DE")]);
    let priced = pricing::price(cart(&house), &house.world);
    assert_eq!((priced.subtotal, priced.shipping, priced.total), (Money(2), None, Money(2)));
    let book = &priced.items[1];
    assert_eq!((book.price, book.total, book.available), (None, None, Some(0)));
    assert_eq!(book.name.as_deref(), Some("The book"));
}

/// Ann's cart at an outside service.
fn outside(change: impl FnOnce(&mut OutsideCart)) -> Outside {
    let contents = contents(&[("desk", 1)]);
    let mut cart =
        OutsideCart { owner: Some(id("ann")), store: None, status: CartStatus::Open, contents };
    change(&mut cart);
    Outside::Cart(Box::new(cart))
}

fn order_outside(outside: Outside) -> OrderCart {
    OrderCart { outside, ..order(anns()) }
}

#[test]
fn an_outside_cart_is_consumed_once_and_for_good() {
    let mut house = House::new();
    let asked = order_outside(outside(|_| {}));
    assert_eq!(house.run(&staff(), &command(asked.clone())), Ok(Outcome::Order(OrderNo(1))));
    assert_eq!((cart(&house).status, cart(&house).expires_at), (CartStatus::Ordered, None));
    house.clock = house.clock.plus_ms(9999 * DAY_MS);
    let told = Refusal::CartOrdered { cart: id("c1"), order: Some(OrderNo(1)) };
    for said in [asked.outside, Outside::Nothing, Outside::Silent, Outside::Unreadable] {
        let again = command(order_outside(said));
        assert_eq!(refusal(&mut house, &staff(), &again), told, "nobody has to be asked");
    }
}

#[test]
fn an_outside_cart_is_its_owners() {
    let ordered = |owner: Option<&str>, who: &Actor| {
        let outside = outside(|_| {});
        let asked = OrderCart { outside, ..order(key(owner, "c1")) };
        House::new().run(who, &command(asked)).map_err(|it| it.first().clone())
    };
    let not_found = Err(Refusal::CartNotFound(id("c1")));
    assert_eq!(ordered(Some("ann"), &customer("ann")), Ok(Outcome::Order(OrderNo(1))));
    assert_eq!(ordered(Some("bob"), &customer("bob")), not_found);
    assert_eq!(ordered(Some("bob"), &staff()), not_found);
    assert_eq!(ordered(None, &staff()), not_found, "it is no guest's");
    let guests = order_outside(outside(|it| it.owner = None));
    let mut house = House::new();
    let told = refusal(&mut house, &customer("ann"), &command(guests.clone()));
    assert_eq!(told, Refusal::CartNotFound(id("c1")));
    let guests = OrderCart { cart: key(None, "c1"), ..guests };
    assert_eq!(house.run(&staff(), &command(guests)), Ok(Outcome::Order(OrderNo(1))));
}

#[test]
fn an_outside_cart_is_of_its_store() {
    let mut house = House::new();
    let third = order_outside(outside(|it| it.store = Some(StoreId(3))));
    let told = refusal(&mut house, &customer("ann"), &command(third.clone()));
    assert_eq!(told, Refusal::StoreNotFound(StoreId(3)));
    let here = OrderCart { store: Some(StoreId::FIRST), ..third.clone() };
    let narrow = Actor { stores: Some([StoreId::FIRST].into()), ..staff() };
    let told = refusal(&mut house, &narrow, &command(here.clone()));
    assert_eq!(told, Refusal::CartNotFound(id("c1")), "it is of a store out of reach");
    house.must(&command(here));
    assert_eq!(house.order(OrderNo(1)).store, StoreId::FIRST, "what is named goes before");
}

#[test]
fn what_an_outside_service_does_not_sell_is_refused() {
    let mut house = House::new();
    let mut check = |outside: Outside, expected: Refusal| {
        let asked = command(order_outside(outside));
        assert_eq!(refusal(&mut house, &customer("ann"), &asked), expected);
        assert!(house.world.carts.get(&anns()).is_none(), "nothing is remembered");
    };
    let ordered = outside(|it| it.status = CartStatus::Ordered);
    check(ordered, Refusal::CartOrdered { cart: id("c1"), order: None });
    check(outside(|it| it.contents.items.clear()), Refusal::CartEmpty(id("c1")));
    let unicorn = outside(|it| it.contents.items = items(&[("unicorn", 1)]));
    check(unicorn, Refusal::ProductNotFound(id("unicorn")));
    check(Outside::Nothing, Refusal::CartNotFound(id("c1")));
}

#[test]
fn a_cart_of_ours_goes_before_one_of_the_same_name_outside() {
    for said in [outside(|_| {}), Outside::Silent, Outside::Unreadable] {
        let mut house = filled();
        house.must(&command(order_outside(said)));
        assert_eq!(house.order(OrderNo(1)).lines.len(), 2);
    }
}

/// What is in the row of today's release is read by every later one.
#[test]
fn the_document_of_a_cart() {
    let house = filled();
    let text = serde_json::to_string(cart(&house)).unwrap();
    let expected = concat!(
        r#"{"key":{"owner":"ann","id":"c1"},"store":1,"status":"open","#,
        r#""contents":{"items":[{"product":"desk","quantity":2},{"product":"book","#,
        r#""quantity":1}],"person":{"shipping_address":{"address":"123 Main St","#,
        r#""city":"Springfield","country":"US"},"contact":{"email":"ann@example.com"}}},"#,
        r#""version":1,"expires_at":1753617600000}"#,
    );
    assert_eq!(text, expected);
    assert_eq!(&serde_json::from_str::<Cart>(&text).unwrap(), cart(&house));
}
