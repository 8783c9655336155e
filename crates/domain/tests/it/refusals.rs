//! Every refusal there is, each by the request that meets it, and all of one request together.

use std::collections::BTreeSet;

use domain::{
    Actor, Command, Currency, Money, OrderNo, Refusal, Role, StoreId, Subject,
    catalog::delete::DeleteProduct,
    delivery::{Unsuitable, put::PutDeliveryMethod},
    money::MoneyFault,
    order::{PaymentMethod, ReviewStatus, Status, place::PlaceOrder},
    stock::{Stock, StockKey, adjust::AdjustStock, set::SetStock},
    version::Expected,
};

use crate::{
    carts, clients, customers, holding,
    house::{
        House, actor, cancel, collect, command, country, customer, decimal, id, place, shelf, ship,
        staff, variant,
    },
    locations, merchant, paying, refunds, reviews, settling, shipments, stores, temp_carts,
};

/// What is asked of a house, and the first refusal that it must meet.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) house: House,
    pub(crate) who: Actor,
    pub(crate) asked: Command,
    pub(crate) subject: Subject,
    pub(crate) refusal: Refusal,
}

fn check(case: Case) -> Refusal {
    let Case { what, mut house, who, asked, subject, refusal } = case;
    let refused = house.run(&who, &asked).expect_err(what);
    let first = refused.iter().next().unwrap().clone();
    assert_eq!(first, (subject, refusal), "{what}");
    first.1
}

#[test]
fn every_refusal_is_met() {
    let cases = [placing_what(), placing_how(), on_orders(), on_stock_and_catalogue()];
    let more = [
        refunds::refused(),
        holding::refused(),
        merchant::refused(),
        settling::refused(),
        shipments::refused(),
        locations::refused(),
        paying::refused::refused(),
        reviews::refused(),
        stores::refused(),
        customers::refused(),
        clients::refused(),
        temp_carts::refused(),
    ];
    let cases = cases.into_iter().chain(more).chain([carts::refused()]).flatten();
    let met: BTreeSet<usize> = cases.map(|case| ordinal(&check(case))).collect();
    assert_eq!(met, (0..REFUSALS).collect(), "every kind of refusal has a case");
}

/// An order of two desks, after something was done to the house or to the request.
fn placed(
    what: &'static str,
    subject: Subject,
    refusal: Refusal,
    prepare: fn(&mut House, &mut PlaceOrder),
) -> Case {
    let mut house = House::new();
    let mut placed = place(&[("desk", 2)]);
    prepare(&mut house, &mut placed);
    Case { what, house, who: staff(), asked: command(placed), subject, refusal }
}

/// Who buys what, and what it costs.
fn placing_what() -> Vec<Case> {
    let desk = || id("desk");
    vec![
        placed(
            "an unknown store",
            Subject::Store,
            Refusal::StoreNotFound(StoreId(9)),
            |_, order| order.store = StoreId(9),
        ),
        Case {
            who: Actor { stores: Some(vec![StoreId(2)]), ..staff() },
            ..placed(
                "a store that is not the caller's",
                Subject::Store,
                Refusal::StoreNotFound(StoreId::FIRST),
                |_, _| {},
            )
        },
        placed(
            "a customer who is not registered",
            Subject::Customer,
            Refusal::CustomerNotFound(id("ann")),
            |house, _| house.world.policy.auto_register = false,
        ),
        placed(
            "an unknown delivery method",
            Subject::DeliveryMethod,
            Refusal::DeliveryMethodNotFound(id("mule")),
            |_, order| order.delivery_method = Some(id("mule")),
        ),
        placed(
            "an unknown product",
            Subject::Item(1),
            Refusal::ProductNotFound(id("unicorn")),
            |_, order| order.items.extend(place(&[("unicorn", 1)]).items),
        ),
        placed(
            "a product that is not for sale",
            Subject::Item(0),
            Refusal::ProductUnavailable { id: desk(), name: "The desk".into() },
            |house, _| house.product("desk", |it| it.active = false),
        ),
        placed(
            "an unknown variant",
            Subject::ItemVariant(0),
            Refusal::VariantNotFound { product: desk(), variant: id("pink") },
            |_, order| order.items[0].variant = Some(id("pink")),
        ),
        placed(
            "no variant where one is needed",
            Subject::ItemVariant(0),
            Refusal::VariantRequired { product: desk() },
            |house, _| house.product("desk", |it| it.variants = vec![variant("oak", None)]),
        ),
        placed(
            "a product in another currency",
            Subject::Item(0),
            Refusal::CurrencyMismatch {
                product: desk(),
                found: Currency::parse("EUR").unwrap(),
                expected: Currency::USD,
            },
            |house, _| house.product("desk", |it| it.currency = Currency::parse("EUR").unwrap()),
        ),
        placed(
            "another price than was shown",
            Subject::ItemPrice(0),
            Refusal::PriceChanged {
                product: desk(),
                shown: "9.99".into(),
                price: Money(1000),
                currency: Currency::USD,
            },
            |_, order| order.items[0].price = Some(decimal("9.99")),
        ),
    ]
}

/// Whether it is there, how it gets there, and how it is paid.
fn placing_how() -> Vec<Case> {
    vec![
        placed(
            "more than there is",
            Subject::ItemQuantity(0),
            Refusal::InsufficientStock { name: "The desk".into(), available: 1, requested: 2 },
            |house, _| house.stock("desk", 4, 3),
        ),
        placed(
            "a method that does not go there",
            Subject::DeliveryMethod,
            Refusal::DeliveryMethodIncompatible {
                id: id("standard"),
                why: Unsuitable::Country(country("US")),
            },
            |house, order| {
                house.method("standard", |it| it.countries = vec![country("DE")]);
                order.delivery_method = Some(id("standard"));
            },
        ),
        placed(
            "no method at all that suits",
            Subject::DeliveryMethod,
            Refusal::NoDeliveryMethod(Some(country("US"))),
            |house, _| house.method("standard", |it| it.active = false),
        ),
        placed("nowhere to ship to", Subject::Address, Refusal::AddressRequired, |_, order| {
            order.person.shipping_address = None;
        }),
        placed("a line beyond counting", Subject::Item(0), Refusal::AmountTooLarge, |house, _| {
            house.product("desk", |it| it.price = Money::MAX);
        }),
        placed(
            "a sum of lines beyond counting",
            Subject::Request,
            Refusal::AmountTooLarge,
            |house, order| {
                house.product("desk", |it| it.price = Money(Money::MAX.0 / 2));
                order.items.extend(place(&[("book", 1)]).items);
            },
        ),
        placed("a total beyond counting", Subject::Request, Refusal::AmountTooLarge, |house, _| {
            house.product("desk", |it| it.price = Money(Money::MAX.0 / 2));
        }),
        placed(
            "a method that wants its money first",
            Subject::PaymentMethod,
            Refusal::PaymentRequired,
            |_, order| order.payment_method = PaymentMethod::CreditCard,
        ),
    ]
}

fn on_orders() -> Vec<Case> {
    type Prepare = fn(&mut House, OrderNo);
    let case = |what, status, who, asked: fn(OrderNo) -> Command, refusal, prepare: Prepare| {
        let mut house = House::new();
        let no = house.order_in(status);
        prepare(&mut house, no);
        let subject = Subject::Request;
        Case { what, house, who, asked: asked(no), subject, refusal }
    };
    let (no, nothing): (_, Prepare) = (OrderNo(1), |_, _| {});
    let not_collectable = |status| Refusal::NotCollectable { order: no, status };
    use Status::{Cancelled, Confirmed, Delivered, Pending};
    vec![
        case(
            "an unknown order, before its version is compared",
            Pending,
            staff(),
            |_| unknown_order(),
            Refusal::OrderNotFound(OrderNo(77)),
            nothing,
        ),
        case(
            "somebody else's order",
            Pending,
            customer("bob"),
            cancel,
            Refusal::OrderNotFound(no),
            nothing,
        ),
        case(
            "an order of another store than the caller's",
            Pending,
            Actor { stores: Some(vec![StoreId(2)]), ..staff() },
            cancel,
            Refusal::OrderNotFound(no),
            nothing,
        ),
        case(
            "a move that there is not",
            Delivered,
            staff(),
            cancel,
            Refusal::AlreadyProcessed { order: no, from: Delivered, to: Cancelled },
            nothing,
        ),
        case(
            "a customer cancels what is confirmed",
            Confirmed,
            customer("ann"),
            cancel,
            Refusal::CancelForbidden(no),
            nothing,
        ),
        case(
            "a part has left the house",
            Confirmed,
            staff(),
            cancel,
            Refusal::PartiallyShipped(no),
            House::ship_one,
        ),
        case("under review", Confirmed, staff(), ship, Refusal::UnderReview(no), |house, no| {
            house.world.orders.change(&no, |it| it.review_status = ReviewStatus::UnderReview);
        }),
        case("on hold", Confirmed, staff(), ship, Refusal::OnHold(no), |house, no| {
            house.world.orders.change(&no, |it| it.on_hold = true);
        }),
        case("collected", Confirmed, staff(), collect, Refusal::AlreadyPaid(no), |house, no| {
            house.must(&collect(no));
        }),
        case(
            "a customer says that it is paid",
            Confirmed,
            customer("ann"),
            collect,
            Refusal::NotPrepaid(no),
            nothing,
        ),
        case("pending", Pending, staff(), collect, not_collectable(Pending), nothing),
        case("cancelled", Cancelled, staff(), collect, not_collectable(Cancelled), nothing),
    ]
}

fn unknown_order() -> Command {
    ship(OrderNo(77))
}

fn on_stock_and_catalogue() -> Vec<Case> {
    let case = |what, prepare: fn(&mut House), asked, subject, refusal| {
        let mut house = House::new();
        prepare(&mut house);
        let who = actor(Role::Integration);
        Case { what, house, who, asked, subject, refusal }
    };
    let nothing: fn(&mut House) = |_| {};
    let three_reserved: fn(&mut House) = |house| house.stock("desk", 10, 3);
    let with_variant: fn(&mut House) =
        |house| house.product("desk", |it| it.variants = vec![variant("oak", None)]);
    let below = |on_hand| Refusal::StockBelowReserved { on_hand, reserved: 3 };
    let (request, on_hand) = (Subject::Request, Subject::OnHand);
    let pink = StockKey::main(id("desk"), Some(id("pink")));
    let no_variant = Refusal::VariantNotFound { product: id("desk"), variant: id("pink") };
    let far = Refusal::StockOutOfRange;
    vec![
        case("less than is reserved", three_reserved, set("desk", 2), on_hand, below(2)),
        case("taken from what is reserved", three_reserved, adjust("desk", -8), on_hand, below(2)),
        case("more than fits", nothing, set("desk", Stock::MAX + 1), on_hand, far.clone()),
        case("set to the end of numbers", nothing, set("desk", i64::MIN), on_hand, far.clone()),
        case("moved to the end of numbers", nothing, adjust("desk", i64::MAX), on_hand, far),
        case(
            "stock of what never runs out",
            nothing,
            set("book", 1),
            request,
            Refusal::StockNotTracked(id("book")),
        ),
        case(
            "stock of what is not there",
            nothing,
            adjust("unicorn", 1),
            request,
            Refusal::ProductNotFound(id("unicorn")),
        ),
        case("stock of no variant", nothing, adjust_at(pink, 1), request, no_variant),
        case(
            "stock of all variants",
            with_variant,
            adjust("desk", 1),
            request,
            Refusal::VariantRequired { product: id("desk") },
        ),
        case(
            "a version that was never seen",
            nothing,
            Command::DeleteProduct(DeleteProduct {
                id: id("desk"),
                expected: Expected::OneOf(vec![7]),
            }),
            request,
            Refusal::VersionMismatch { current: Some(1) },
        ),
        case(
            "a price with too many decimals",
            nothing,
            put_method("1.005", None),
            Subject::Price,
            Refusal::InvalidAmount(MoneyFault::TooManyDecimals { allowed: 2 }),
        ),
        case(
            "a price below nothing",
            nothing,
            put_method("1", Some("-0.01")),
            Subject::FreeFrom,
            Refusal::InvalidAmount(MoneyFault::Negative),
        ),
    ]
}

fn put_method(price: &str, free_from: Option<&str>) -> Command {
    Command::PutDeliveryMethod(Box::new(PutDeliveryMethod {
        id: id("mule"),
        name: "Mule".into(),
        price: decimal(price),
        currency: None,
        free_from: free_from.map(decimal),
        countries: Vec::new(),
        max_weight_grams: None,
        active: true,
        estimated_days: None,
        expected: Expected::Any,
    }))
}

fn set(product: &str, on_hand: i64) -> Command {
    let (stock, reason, expected) = (shelf(product), None, Expected::Any);
    Command::SetStock(SetStock { stock, on_hand, reason, expected })
}

fn adjust(product: &str, delta: i64) -> Command {
    adjust_at(shelf(product), delta)
}

fn adjust_at(stock: StockKey, delta: i64) -> Command {
    Command::AdjustStock(AdjustStock { stock, delta, reason: None, expected: Expected::Any })
}

/// A request with as many faults as fit into one, in the worst order.
#[test]
fn all_refusals_of_one_request_are_found_together() {
    let mut house = House::new();
    house.world.policy.auto_register = false;
    house.method("standard", |it| it.max_weight_grams = Some(1));
    house.product("closed", |it| it.active = false);
    house.product("many", |it| it.variants = vec![variant("oak", None)]);
    house.product("euro", |it| it.currency = Currency::parse("EUR").unwrap());
    let names = ["desk", "book", "euro", "many", "many", "closed", "unicorn", "desk"];
    let mut order = place(&names.map(|name| (name, 6)));
    order.items[1].price = Some(decimal("3"));
    order.items[4].variant = Some(id("pink"));
    order.payment_method = PaymentMethod::CreditCard;
    order.delivery_method = Some(id("standard"));
    let refused = house.run(&staff(), &command(order)).unwrap_err();
    let found: Vec<_> = refused.iter().map(|(subject, it)| (*subject, ordinal(it))).collect();
    let expected = [
        (Subject::Customer, 3),
        (Subject::Item(6), 5),
        (Subject::Item(5), 6),
        (Subject::ItemVariant(4), 7),
        (Subject::ItemVariant(3), 8),
        (Subject::Item(2), 9),
        (Subject::ItemPrice(1), 10),
        (Subject::ItemQuantity(0), 11),
        (Subject::DeliveryMethod, 12),
        (Subject::PaymentMethod, 17),
    ];
    assert_eq!(found, expected, "in the order of the contract's table, and each once");
    assert_eq!(ordinal(refused.first()), 3, "the first decides");
}

const REFUSALS: usize = 58;

/// A refusal's place in the enum: a new one is missed by the test above until it has a case.
fn ordinal(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::OrderNotFound(_) => 0,
        Refusal::StoreNotFound(_) => 1,
        Refusal::VersionMismatch { .. } => 2,
        Refusal::CustomerNotFound(_) => 3,
        Refusal::DeliveryMethodNotFound(_) => 4,
        Refusal::ProductNotFound(_) => 5,
        Refusal::ProductUnavailable { .. } => 6,
        Refusal::VariantNotFound { .. } => 7,
        Refusal::VariantRequired { .. } => 8,
        Refusal::CurrencyMismatch { .. } => 9,
        Refusal::PriceChanged { .. } => 10,
        Refusal::InsufficientStock { .. } => 11,
        Refusal::DeliveryMethodIncompatible { .. } => 12,
        Refusal::NoDeliveryMethod(_) => 13,
        Refusal::AddressRequired => 14,
        Refusal::AmountTooLarge => 15,
        Refusal::InvalidAmount(_) => 16,
        Refusal::PaymentRequired => 17,
        Refusal::AlreadyProcessed { .. } => 18,
        Refusal::CancelForbidden(_) => 19,
        Refusal::PartiallyShipped(_) => 20,
        Refusal::UnderReview(_) => 21,
        Refusal::OnHold(_) => 22,
        Refusal::AlreadyPaid(_) => 23,
        Refusal::NotPrepaid(_) => 24,
        Refusal::NotCollectable { .. } => 25,
        Refusal::StockBelowReserved { .. } => 26,
        Refusal::StockOutOfRange => 27,
        Refusal::StockNotTracked(_) => 28,
        Refusal::LineNotFound { .. } => 29,
        Refusal::AmountNotPositive => 30,
        Refusal::PaymentNotCompleted { .. } => 31,
        Refusal::RefundExceedsPayment { .. } => 32,
        Refusal::RefundExceedsLine { .. } => 33,
        Refusal::NotHoldable { .. } => 34,
        Refusal::NotOnHold(_) => 35,
        Refusal::NothingToShip(_) => 36,
        Refusal::AmountTooSmall { .. } => 37,
        Refusal::PaymentMismatch(_) => 38,
        Refusal::NotPayable { .. } => 39,
        Refusal::ShipmentNotFound(_) => 40,
        Refusal::ShipmentExceedsLine { .. } => 41,
        Refusal::TooManyLocations(_) => 42,
        Refusal::CartNotFound(_) => 43,
        Refusal::CartEmpty(_) => 44,
        Refusal::CartExists(_) => 45,
        Refusal::CartOrdered { .. } => 46,
        Refusal::CartServiceSilent => 47,
        Refusal::CartUnreadable => 48,
        Refusal::ClientNotFound(_) => 49,
        Refusal::StoreCurrencyFixed(_) => 50,
        Refusal::InvoicePrefixTaken(_) => 51,
        Refusal::CustomerHasOpenOrders { .. } => 52,
        Refusal::NotUnderReview { .. } => 53,
        Refusal::VendorStatusFixed { .. } => 54,
        Refusal::TotalBelowZero { .. } => 55,
        Refusal::SecretRequired => 56,
        Refusal::TotalChanged { .. } => 57,
    }
}
