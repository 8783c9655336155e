//! Temp carts: what a shop may put into one and what anybody may, what they come to, and how they
//! become an order, once.

use domain::{
    Actor, Command, Currency, Moment, Money, OrderNo, Outcome, Refusal, Role, StoreId, Subject,
    address::Person,
    cart::{
        Cart, CartKey, CartStatus,
        order::OrderCart,
        outside::Outside,
        pricing,
        put_items::PutCartItems,
        temp::{
            KEPT_MS,
            create::{CreateTempCart, WantedLine},
            key,
            put_buyer::PutBuyer,
        },
    },
    money::MoneyFault,
    order::{AdjustmentScope, LineDetails, MerchantReference, PaymentMethod, Status},
    refund::request::{RequestRefund, Wanted, WantedItem},
    version::Expected,
};

use crate::{
    house::{House, NOON, address, collect, customer, decimal, id, quantity, staff},
    refusals::Case,
};

const CART: &str = "0197b1a0-0000-7000-8000-000000000001";

fn system() -> Actor {
    Actor { role: Role::System, subject: "checkout".into(), stores: None }
}

fn line(product: Option<&str>, name: &str, count: u32, price: &str) -> WantedLine {
    WantedLine {
        product: product.map(id),
        variant: None,
        name: name.into(),
        sku: None,
        quantity: quantity(count),
        price: decimal(price),
        requires_shipping: true,
        weight_grams: 50,
        details: LineDetails::default(),
    }
}

fn goods(product: &str, count: u32) -> WantedLine {
    line(Some(product), "what the caller calls it", count, "10")
}

fn own(name: &str, count: u32, price: &str) -> WantedLine {
    line(None, name, count, price)
}

fn create(is_shop: bool, lines: Vec<WantedLine>) -> CreateTempCart {
    CreateTempCart {
        cart: id(CART),
        store: StoreId::FIRST,
        is_shop,
        lines,
        domestic_shipping: None,
        merchant: None,
        confirmation_url: None,
        continue_url: None,
    }
}

fn made(create: CreateTempCart) -> Command {
    Command::CreateTempCart(Box::new(create))
}

fn buyer() -> Command {
    let person = Person { shipping_address: Some(address("US")), ..Person::default() };
    let (cart, store) = (id(CART), StoreId::FIRST);
    let buyer = PutBuyer { cart, store, person: Box::new(person), delivery_method: None };
    Command::PutBuyer(Box::new(buyer))
}

fn order(owner: Option<&str>, payment_method: PaymentMethod) -> Command {
    Command::OrderCart(Box::new(OrderCart {
        cart: CartKey { owner: owner.map(id), id: id(CART) },
        outside: Outside::Nothing,
        store: None,
        delivery_method: None,
        payment_method,
        person: Box::default(),
        email: None,
        metadata: [].into(),
        total: None,
    }))
}

/// Ordered by somebody who was shown this total.
fn shown(total: Money) -> Command {
    let Command::OrderCart(order) = cash() else { panic!("it orders a cart") };
    Command::OrderCart(Box::new(OrderCart { total: Some(total), ..*order }))
}

fn cash() -> Command {
    order(None, PaymentMethod::CashOnDelivery)
}

/// A house in which a shop has filled a cart, and its buyer has said where it goes.
fn filled(lines: Vec<WantedLine>) -> House {
    let mut house = House::new();
    house.run(&system(), &made(create(true, lines))).unwrap();
    house.run(&system(), &buyer()).unwrap();
    house
}

fn cart(house: &House) -> &Cart {
    house.world.carts.get(&key(id(CART))).unwrap()
}

/// For the table of all refusals.
pub(crate) fn refused() -> Vec<Case> {
    let case = |what, asked: CreateTempCart, subject, refusal| Case {
        what,
        house: House::new(),
        who: system(),
        asked: made(asked),
        subject,
        refusal,
    };
    let usd = Currency::USD;
    let shop = |lines| create(true, lines);
    let anybody = |lines| create(false, lines);
    let dear = CreateTempCart { domestic_shipping: Some(decimal("3")), ..anybody(vec![]) };
    let odd = |text| CreateTempCart {
        domestic_shipping: Some(decimal(text)),
        ..shop(vec![goods("desk", 1)])
    };
    let below = Refusal::TotalBelowZero { total: Money(-1), currency: usd };
    let too_fine = Refusal::InvalidAmount(MoneyFault::TooManyDecimals { allowed: 2 });
    let changed = Refusal::PriceChanged {
        product: id("desk"),
        shown: "9.99".into(),
        price: Money(1000),
        currency: usd,
    };
    let unicorn = Refusal::ProductNotFound(id("unicorn"));
    let cheap = line(Some("desk"), "a desk", 1, "9.99");
    vec![
        case(
            "more taken off than there is",
            shop(vec![goods("desk", 1), own("off", 1, "-10.01")]),
            Subject::Request,
            below,
        ),
        case(
            "something of its own by nobody",
            anybody(vec![own("a card", 1, "1")]),
            Subject::Item(0),
            Refusal::SecretRequired,
        ),
        case(
            "a discount by nobody",
            anybody(vec![goods("desk", 1), own("off", 1, "-1")]),
            Subject::ItemPrice(1),
            Refusal::SecretRequired,
        ),
        case("a charge by nobody", dear, Subject::DomesticShipping, Refusal::SecretRequired),
        case(
            "a product that is not in the catalogue, by nobody",
            anybody(vec![goods("unicorn", 1)]),
            Subject::Item(0),
            unicorn,
        ),
        case(
            "a price below the catalogue's, by nobody",
            anybody(vec![cheap.clone()]),
            Subject::ItemPrice(0),
            changed.clone(),
        ),
        case("the same by the shop", shop(vec![cheap]), Subject::ItemPrice(0), changed),
        case(
            "an amount that the currency does not have",
            shop(vec![own("a card", 1, "1.005")]),
            Subject::ItemPrice(0),
            too_fine.clone(),
        ),
        case("the same of a charge", odd("0.005"), Subject::DomesticShipping, too_fine),
        case(
            "a charge below nothing",
            odd("-1"),
            Subject::DomesticShipping,
            Refusal::InvalidAmount(MoneyFault::Negative),
        ),
        case(
            "nothing but a discount of nothing",
            shop(vec![]),
            Subject::Request,
            Refusal::CartEmpty(id(CART)),
        ),
        case(
            "more money than there is",
            shop(vec![own("gold", 1_000_000, "80000000000000")]),
            Subject::ItemPrice(0),
            Refusal::AmountTooLarge,
        ),
        Case {
            what: "another total than was shown",
            house: filled(vec![goods("desk", 1)]),
            who: system(),
            asked: shown(Money(1499)),
            subject: Subject::Request,
            refusal: Refusal::TotalChanged {
                shown: Money(1499),
                total: Money(1500),
                currency: usd,
            },
        },
        case(
            "no such store",
            CreateTempCart { store: StoreId(9), ..shop(vec![goods("desk", 1)]) },
            Subject::Store,
            Refusal::StoreNotFound(StoreId(9)),
        ),
    ]
}

#[test]
fn what_a_shop_sends_becomes_an_order_line_by_line() {
    let details = LineDetails { brand: Some("Doe".into()), ..LineDetails::default() };
    let card = WantedLine { details, sku: Some("CARD".into()), ..own("A card", 3, "1.50") };
    let merchant =
        MerchantReference { reference_id: Some("R-7".into()), ..MerchantReference::default() };
    let mut house = House::new();
    let created = CreateTempCart {
        domestic_shipping: Some(decimal("2.00")),
        merchant: Some(merchant.clone()),
        ..create(true, vec![card, goods("desk", 2), own("Summer", 2, "-1.25")])
    };
    let outcome = house.run(&system(), &made(created));
    assert_eq!(outcome, Ok(Outcome::Cart { key: key(id(CART)), created: true }));
    house.run(&system(), &buyer()).unwrap();
    let priced = pricing::price(cart(&house), &house.world);
    assert_eq!((priced.subtotal, priced.discount), (Money(2450), Money(250)));
    assert_eq!((priced.shipping, priced.total), (Some(Money(700)), Money(2900)));

    house.run(&system(), &cash()).unwrap();
    let order = house.order(OrderNo(1));
    assert_eq!(
        (order.status, order.total, &order.customer),
        (Status::Confirmed, Money(2900), &None)
    );
    let lines: Vec<_> = order.lines.iter().map(|it| (it.no, &*it.name, it.total)).collect();
    assert_eq!(lines, [(1, "A card", Money(450)), (2, "The desk", Money(2000))]);
    assert_eq!((&order.lines[0].product, &order.lines[0].location), (&None, &None));
    assert_eq!(order.lines[0].details.as_ref().unwrap().brand.as_deref(), Some("Doe"));
    let [discount] = &order.adjustments[..] else { panic!("{:?}", order.adjustments) };
    assert_eq!((discount.scope, discount.amount), (AdjustmentScope::Order, Money(-250)));
    assert_eq!(discount.allocations, [(1, Money(-46)), (2, Money(-204))]);
    assert_eq!(order.totals().unwrap().discount, Money(250));
    assert_eq!(house.shelf("desk"), (10, 2), "only what is in the catalogue has stock");
    assert_eq!((cart(&house).status, cart(&house).order), (CartStatus::Ordered, Some(OrderNo(1))));
    assert_eq!(cart(&house).contents.person, Person::default(), "the order has the person now");
}

#[test]
fn a_discount_may_reach_the_shipping() {
    let mut house = filled(vec![goods("desk", 1), own("Off", 1, "-9"), own("More", 1, "-1")]);
    house.run(&system(), &cash()).unwrap();
    assert_eq!(house.order(OrderNo(1)).total, Money(500));
    // Since then the price has fallen below what is taken off.
    let mut house = filled(vec![goods("desk", 1), own("Off", 1, "-10")]);
    house.product("desk", |it| it.price = Money(700));
    house.run(&system(), &cash()).unwrap();
    let order = house.order(OrderNo(1));
    let parts: Vec<_> = order.adjustments.iter().map(|it| (it.scope, it.amount)).collect();
    assert_eq!(
        parts,
        [(AdjustmentScope::Order, Money(-700)), (AdjustmentScope::Shipping, Money(-300))]
    );
    assert_eq!(order.total, Money(200));
    let mut house = filled(vec![goods("desk", 1), own("Off", 1, "-10")]);
    house.product("desk", |it| it.price = Money(100));
    let refused = house.run(&system(), &cash()).unwrap_err();
    let below = Refusal::TotalBelowZero { total: Money(-400), currency: Currency::USD };
    assert_eq!(refused.first(), &below);
    assert_eq!(cart(&house).status, CartStatus::Open);
}

#[test]
fn a_temp_cart_becomes_one_order_for_whom_it_is_ordered() {
    let mut house = filled(vec![goods("desk", 1)]);
    assert_eq!(
        house.run(&customer("ann"), &order(Some("ann"), PaymentMethod::CashOnDelivery)),
        Err(Refusal::CartNotFound(id(CART)).into()),
        "it is the buyer's, not a customer's"
    );
    house.run(&staff(), &order(Some("ann"), PaymentMethod::CashOnDelivery)).unwrap();
    assert_eq!(house.order(OrderNo(1)).customer, Some(id("ann")));
    let again = Refusal::CartOrdered { cart: id(CART), order: Some(OrderNo(1)) };
    for owner in [None, Some("ann"), Some("bob")] {
        let again_by = house.run(&staff(), &order(owner, PaymentMethod::CashOnDelivery));
        assert_eq!(again_by, Err(again.clone().into()), "{owner:?}");
    }
    let by_system = house.run(&system(), &buyer()).unwrap_err();
    assert!(matches!(by_system.first(), Refusal::CartOrdered { .. }));
    assert_eq!(house.shelf("desk"), (10, 1));
}

#[test]
fn a_prepaid_one_waits_for_its_intent() {
    let mut house = filled(vec![own("A card", 1, "3")]);
    house.run(&system(), &order(None, PaymentMethod::CreditCard)).unwrap();
    let placed = house.order(OrderNo(1));
    assert_eq!((placed.status, placed.payments.len()), (Status::Pending, 0));
}

#[test]
fn it_is_no_cart_of_the_calls_for_carts() {
    let mut house = filled(vec![goods("desk", 1)]);
    let put = PutCartItems { cart: key(id(CART)), items: vec![], expected: Expected::Any };
    let refused = house.run(&staff(), &Command::PutCartItems(put)).unwrap_err();
    assert_eq!(refused.first(), &Refusal::CartNotFound(id(CART)));
    let other = PutBuyer {
        cart: id(CART),
        store: StoreId(2),
        person: Box::default(),
        delivery_method: None,
    };
    let refused = house.run(&system(), &Command::PutBuyer(Box::new(other))).unwrap_err();
    assert_eq!(refused.first(), &Refusal::CartNotFound(id(CART)), "nor one of another store");
}

#[test]
fn it_lives_for_seven_days_whatever_happens_to_it() {
    let mut house = filled(vec![goods("desk", 1)]);
    assert_eq!(cart(&house).expires_at, Some(NOON.plus_ms(KEPT_MS)));
    house.clock = Moment(NOON.0 + KEPT_MS - 1);
    house.run(&system(), &buyer()).unwrap();
    assert_eq!(cart(&house).expires_at, Some(NOON.plus_ms(KEPT_MS)));
    house.clock = Moment(NOON.0 + KEPT_MS);
    for asked in [buyer(), cash()] {
        let refused = house.run(&system(), &asked).unwrap_err();
        assert_eq!(refused.first(), &Refusal::CartNotFound(id(CART)));
    }
}

#[test]
fn what_is_light_and_what_is_not_shipped_is_known_of_own_lines() {
    let light = own("A card", 2, "3");
    let heavy = WantedLine { weight_grams: 2000, ..own("A stone", 1, "3") };
    let ticket = WantedLine { requires_shipping: false, ..own("A ticket", 1, "3") };
    let offers = |lines: Vec<WantedLine>| {
        let mut house = filled(lines);
        house.method("letter", |it| (it.price, it.max_weight_grams) = (Money(100), Some(100)));
        let offers = pricing::offers(cart(&house), &house.world);
        offers.iter().map(|it| (it.method.id.to_string(), it.amount)).collect::<Vec<_>>()
    };
    let (letter, standard) = (("letter".into(), Money(100)), ("standard".into(), Money(500)));
    assert_eq!(offers(vec![light]), [letter, standard.clone()]);
    assert_eq!(offers(vec![heavy]), [standard]);
    assert_eq!(offers(vec![ticket.clone()]), []);
    let mut house = filled(vec![ticket]);
    house.run(&system(), &cash()).unwrap();
    assert_eq!(house.order(OrderNo(1)).total, Money(300));
}

#[test]
fn a_refund_of_a_line_gives_back_what_was_paid_for_it() {
    let mut house = filled(vec![own("A card", 2, "5"), goods("desk", 1), own("Off", 1, "-5")]);
    house.run(&system(), &cash()).unwrap();
    house.must(&collect(OrderNo(1)));
    let items = vec![WantedItem { line: 1, quantity: quantity(2) }];
    let what = Wanted::Parts { items, shipping: None, restock: true };
    let refund = RequestRefund { order: OrderNo(1), what, reason: None, expected: Expected::Any };
    house.must(&Command::RequestRefund(Box::new(refund)));
    let order = house.order(OrderNo(1));
    assert_eq!(order.refunds[0].amount, Money(750));
    assert_eq!(order.lines[0].counts.cancelled, 2);
    assert_eq!(house.shelf("desk"), (10, 1), "what has no stock gives none back");
}
