//! The states of an order: which moves there are, and what each of them moves besides.

use domain::{
    Actor, Command, Money, OrderNo, Refusal, Role, StoreId,
    counter::Counter,
    order::{
        CancelCause, PaymentMethod, PaymentStatus, ShippingStatus, Status,
        moves::{Condition, MOVES},
    },
};

use crate::house::{
    House, actor, cancel, collect, confirm, customer, deliver, quantity, reopen, ship, staff,
};

type Build = fn(OrderNo) -> Command;

const COMMANDS: [(Status, Build); 5] = [
    (Status::Pending, reopen),
    (Status::Confirmed, confirm),
    (Status::Cancelled, cancel),
    (Status::Shipped, ship),
    (Status::Delivered, deliver),
];

#[test]
fn the_moves_of_the_table_and_no_others() {
    for from in Status::ALL {
        for (to, command) in COMMANDS {
            let mut house = House::new();
            let no = house.order_in(from);
            let before = house.order(no).clone();
            let moved = house.run(&staff(), &command(no));
            // Only a late payment brings an expired order back, and no command here is one.
            let legal = MOVES.iter().any(|it| {
                (it.from, it.to) == (from, to) && it.condition != Condition::CancelledByExpiry
            });
            if legal {
                assert!(moved.is_ok(), "{from:?} to {to:?}: {moved:?}");
                assert_eq!(house.order(no).status, to);
            } else {
                let illegal = Refusal::AlreadyProcessed { order: no, from, to };
                assert_eq!(moved, Err(illegal.into()), "{from:?} to {to:?}");
                assert_eq!(*house.order(no), before, "a refusal changes nothing");
            }
        }
    }
}

/// What an order of three desks and two books has come to.
#[derive(Debug, PartialEq)]
struct Books {
    status: Status,
    shipping: ShippingStatus,
    payment: PaymentStatus,
    /// On hand and reserved, of ten desks.
    stock: (i64, i64),
    /// Last numbers: retrieval, invoice, credit note.
    numbers: (u64, u64, u64),
    /// Cancelled, shipped, returned and refunded desks.
    counts: (u32, u32, u32, u32),
    events: Vec<&'static str>,
    refunded: i64,
}

impl Books {
    fn of(house: &House, no: OrderNo) -> Books {
        let order = house.order(no);
        let store = StoreId::FIRST;
        let counts = order.lines[0].counts;
        let events: Vec<_> = house.world.events.iter().filter(|it| it.order == Some(no)).collect();
        assert_eq!(usize::try_from(order.version), Ok(events.len()), "an event is a version");
        Books {
            status: order.status,
            shipping: order.shipping_status,
            payment: order.payment_status(),
            stock: house.shelf("desk"),
            numbers: (
                house.counter(Counter::Retrieval(store)),
                house.counter(Counter::Invoice(store, 2025)),
                house.counter(Counter::CreditNote(store, 2025)),
            ),
            counts: (counts.cancelled, counts.shipped, counts.returned, counts.refunded),
            events: events.iter().map(|it| it.event.kind()).collect(),
            refunded: order.totals().unwrap().refunded.0,
        }
    }
}

fn check(method: PaymentMethod, commands: &[Build], expected: Books) {
    let mut house = House::new();
    let no = house.order_paid_by(method);
    for command in commands {
        house.must(&command(no));
    }
    assert_eq!(Books::of(&house, no), expected, "{method:?}, {} commands", commands.len());
}

const NEW: Books = Books {
    status: Status::Pending,
    shipping: ShippingStatus::Pending,
    payment: PaymentStatus::Unpaid,
    stock: (10, 3),
    numbers: (0, 0, 0),
    counts: (0, 0, 0, 0),
    events: Vec::new(),
    refunded: 0,
};

const COMPLETE: Books = Books {
    status: Status::Confirmed,
    shipping: ShippingStatus::Processing,
    payment: PaymentStatus::Unpaid,
    stock: (10, 3),
    numbers: (1, 1, 0),
    counts: (0, 0, 0, 0),
    events: Vec::new(),
    refunded: 0,
};

#[test]
fn what_each_move_does_to_the_books() {
    use PaymentMethod::{CashOnDelivery, CreditCard};
    let born = ["order.created"];
    let complete = ["order.created", "order.confirmed"];
    let shipped = ["order.created", "order.confirmed", "shipment.created", "order.shipped"];
    let gone = Books {
        status: Status::Shipped,
        shipping: ShippingStatus::Shipped,
        stock: (7, 0),
        counts: (0, 3, 0, 0),
        ..COMPLETE
    };
    let free_again = Books {
        status: Status::Cancelled,
        shipping: ShippingStatus::Cancelled,
        stock: (10, 0),
        counts: (3, 0, 0, 0),
        ..NEW
    };
    check(CreditCard, &[], Books { events: born.into(), ..NEW });
    check(CreditCard, &[confirm], Books { events: complete.into(), ..COMPLETE });
    check(CashOnDelivery, &[], Books { events: complete.into(), ..COMPLETE });
    check(CashOnDelivery, &[ship], Books { events: shipped.into(), ..gone });
    check(
        CashOnDelivery,
        &[ship, deliver],
        Books {
            status: Status::Delivered,
            shipping: ShippingStatus::Delivered,
            events: [&shipped[..], &["order.delivered"]].concat(),
            ..gone
        },
    );
    check(
        CashOnDelivery,
        &[ship, collect],
        Books {
            payment: PaymentStatus::Paid,
            events: [&shipped[..], &["payment.captured", "order.paid"]].concat(),
            ..gone
        },
    );
    let (unsold, credited) = ([&born[..], &["order.cancelled"]].concat(), (1, 1, 1));
    check(CreditCard, &[cancel], Books { events: unsold, ..free_again });
    check(
        CashOnDelivery,
        &[cancel],
        Books {
            numbers: credited,
            events: [&complete[..], &["order.cancelled"]].concat(),
            ..free_again
        },
    );
    check(
        CashOnDelivery,
        &[collect, cancel],
        Books {
            payment: PaymentStatus::Refunded,
            numbers: credited,
            events: [
                &complete[..],
                &["payment.captured", "order.paid", "order.cancelled", "order.refunded"],
            ]
            .concat(),
            refunded: 5500,
            ..free_again
        },
    );
}

#[test]
fn documents_and_payments_are_named_and_counted() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    [collect(no), cancel(no)].iter().for_each(|it| house.must(it));
    let order = house.order(no);
    assert_eq!(order.invoice.as_ref().unwrap().to_string(), "INV-2025-000001");
    assert_eq!(order.credit_note.as_ref().unwrap().to_string(), "INV-CN-2025-000001");
    assert_eq!(order.retrieval_id().unwrap().to_string(), "1-1");
    let payment = &order.payments[0];
    assert_eq!((payment.method, payment.amount), (PaymentMethod::CashOnDelivery, Money(5500)));
    let refund = &order.refunds[0];
    assert_eq!((refund.method.as_str(), refund.amount), ("manual", Money(5500)));
    assert_eq!((payment.id.as_str(), refund.id.as_str()), ("pay_1_1", "re_1_1"));
    assert_eq!(order.cancel_reason.as_deref(), Some("changed my mind"));
    assert_eq!(order.cancelled_by, Some(CancelCause::Staff));
}

#[test]
fn a_card_order_that_staff_confirm_is_on_account() {
    for (method, on_account) in
        [(PaymentMethod::CreditCard, true), (PaymentMethod::BankTransfer, false)]
    {
        let mut house = House::new();
        let no = house.order_paid_by(method);
        if method.is_prepaid() {
            house.must(&confirm(no));
        }
        assert_eq!(house.order(no).on_account, on_account, "{method:?}");
    }
}

#[test]
fn the_log_says_who_has_cancelled() {
    let check = |who: Actor, cause| {
        let mut house = House::new();
        let no = house.order_in(Status::Pending);
        house.run(&who, &cancel(no)).unwrap();
        assert_eq!(house.order(no).cancelled_by, Some(cause), "{who:?}");
    };
    check(customer("ann"), CancelCause::Customer);
    check(staff(), CancelCause::Staff);
    check(actor(Role::Integration), CancelCause::Staff);
    check(actor(Role::System), CancelCause::Staff);
}

#[test]
fn the_rest_of_a_partly_shipped_order_is_shipped() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    house.ship_one(no);
    assert_eq!(house.order(no).status, Status::Confirmed);
    assert_eq!(house.order(no).shipping_status, ShippingStatus::PartiallyShipped);
    assert_eq!(house.shelf("desk"), (9, 2));
    house.must(&ship(no));
    let order = house.order(no);
    let items: Vec<_> = order.shipments[1].items.iter().map(|it| (it.line, it.quantity)).collect();
    assert_eq!(items, [(1, quantity(2)), (2, quantity(2))]);
    assert_eq!(house.shelf("desk"), (7, 0));
    assert_eq!(order.shipments[1].carrier.as_deref(), Some("DHL"));
    assert_eq!(order.shipments[1].tracking_number.as_deref(), Some("0034"));
}

#[test]
fn time_never_runs_backwards_along_the_log() {
    let mut house = House::new();
    let no = house.order_in(Status::Confirmed);
    let before = house.order(no).updated_at;
    house.clock.0 -= 60_000;
    house.must(&ship(no));
    assert_eq!(house.order(no).updated_at, before);
    house.clock.0 += 120_000;
    house.must(&deliver(no));
    assert_eq!(house.order(no).updated_at.0, before.0 + 60_000);
}
