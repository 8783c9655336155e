//! Orders that are paid by card, as the provider's news leave them, and what staff ask for then.

use domain::{
    Command, Currency, Event, Money, Order, OrderNo, Outcome, PaymentId, Refusals, Role, StoreId,
    counter::Counter,
    effect::{Effect, EffectId},
    event::{OrderConfirmed, OrderCreated, OrderPaid, PaymentChanged},
    id::IntentId,
    order::{
        DocumentNumber, Line, OrderKind, PaymentMethod, Shipping, hold::HoldOrder,
        release::ReleaseOrder,
    },
    payment::{Payment, PaymentState},
    refund::{
        Refund, RefundState,
        record::RecordRefund,
        request::{RequestRefund, Wanted, WantedItem},
    },
    version::Expected,
};

use crate::house::{House, NOON, actor, decimal, id, line, quantity, staff};

/// Three desks and two books at 10.00 and shipping at 5.00, not paid yet.
pub(crate) fn pending(house: &mut House) -> OrderNo {
    pending_of(house, Currency::USD, vec![line(1, "desk", 3, true), line(2, "book", 2, false)])
}

/// Shipping is 500 of the minor unit.
pub(crate) fn pending_of(house: &mut House, currency: Currency, lines: Vec<Line>) -> OrderNo {
    let no = OrderNo(house.world.counters.next(Counter::Order));
    let goods = Money::sum(lines.iter().map(|it| it.total)).unwrap();
    let amount = Money(500);
    let created = OrderCreated {
        kind: OrderKind::Sale,
        customer: Some(id("ann")),
        currency,
        lines,
        shipping: Shipping { method: Some(id("standard")), amount, tax_lines: Vec::new() },
        adjustments: Vec::new(),
        total: goods.plus(amount).unwrap(),
        payment_method: PaymentMethod::CreditCard,
        expires_at: None,
        with_payment: false,
        merchant: None,
        metadata: [].into(),
    };
    house.tell(no, vec![Event::OrderCreated(Box::new(created))]);
    no
}

/// The provider says that the order's `k`th payment is in this state.
pub(crate) fn pay(house: &mut House, no: OrderNo, k: u32, status: PaymentState, amount: i64) {
    let payment = Payment {
        id: PaymentId::new(&format!("pay_{}_{k}", no.0)),
        method: PaymentMethod::CreditCard,
        intent: Some(IntentId::new(&format!("pi_{k}"))),
        status,
        amount: Money(amount),
        failure: None,
        at: NOON,
    };
    let currency = house.order(no).currency;
    let changed = PaymentChanged { payment, currency, expires_at: None };
    let event = match status {
        PaymentState::Open => Event::PaymentCreated(changed),
        PaymentState::Processing => Event::PaymentProcessing(changed),
        PaymentState::Authorized => Event::PaymentAuthorized(changed),
        PaymentState::Captured => Event::PaymentCaptured(changed),
        PaymentState::Failed => Event::PaymentFailed(changed),
        PaymentState::Cancelled => Event::PaymentCancelled(changed),
    };
    house.tell(no, vec![event]);
}

/// It is complete, because its payment has come or is held for us.
pub(crate) fn complete(house: &mut House, no: OrderNo) {
    let counters = &house.world.counters;
    let invoice = Counter::Invoice(StoreId::FIRST, 2025);
    let confirmed = OrderConfirmed {
        retrieval_no: counters.next(Counter::Retrieval(StoreId::FIRST)),
        invoice: DocumentNumber { prefix: "INV".into(), year: 2025, no: counters.next(invoice) },
        on_account: false,
    };
    house.tell(no, vec![Event::OrderConfirmed(confirmed)]);
}

/// Paid as a whole by one card payment, and confirmed.
pub(crate) fn paid(house: &mut House) -> OrderNo {
    let no = pending(house);
    take_all(house, no);
    no
}

/// The card is charged with all of it.
pub(crate) fn take_all(house: &mut House, no: OrderNo) {
    let (amount, currency) = (house.order(no).total, house.order(no).currency);
    pay(house, no, 1, PaymentState::Captured, amount.0);
    house.tell(no, vec![Event::OrderPaid(OrderPaid { amount, currency })]);
    complete(house, no);
}

/// The money is held for us, and taken at shipment.
pub(crate) fn authorized(house: &mut House) -> OrderNo {
    let no = pending(house);
    pay(house, no, 1, PaymentState::Authorized, 5500);
    complete(house, no);
    no
}

pub(crate) fn hold(order: OrderNo) -> Command {
    let reason = Some("calls back".into());
    Command::HoldOrder(HoldOrder { order, reason, expected: Expected::Any })
}

pub(crate) fn release(order: OrderNo) -> Command {
    Command::ReleaseOrder(ReleaseOrder { order, reason: None, expected: Expected::Any })
}

pub(crate) fn refund(order: OrderNo, what: Wanted) -> Command {
    let reason = Some("broken".into());
    Command::RequestRefund(Box::new(RequestRefund { order, what, reason, expected: Expected::Any }))
}

pub(crate) fn amount(text: &str) -> Wanted {
    Wanted::Amount(decimal(text))
}

/// So many of each line, and no shipping.
pub(crate) fn lines(items: &[(u32, u32)]) -> Wanted {
    parts(items, None, false)
}

pub(crate) fn restocked(items: &[(u32, u32)]) -> Wanted {
    parts(items, None, true)
}

pub(crate) fn parts(items: &[(u32, u32)], shipping: Option<&str>, restock: bool) -> Wanted {
    let item = |(line, count): &(u32, u32)| WantedItem { line: *line, quantity: quantity(*count) };
    let items = items.iter().map(item).collect();
    Wanted::Parts { items, shipping: shipping.map(decimal), restock }
}

/// The provider has decided about the order's `k`th refund.
pub(crate) fn settle(
    house: &mut House,
    no: OrderNo,
    k: usize,
    state: RefundState,
) -> Result<Outcome, Refusals> {
    let effect = EffectId::new(&format!("re_{}_{k}", no.0));
    let message = (state == RefundState::Failed).then(|| "The card is closed.".into());
    let record = RecordRefund { order: no, effect, state, message };
    house.run(&actor(Role::System), &Command::RecordRefund(record))
}

/// Staff ask for it, and it must be granted.
pub(crate) fn give(house: &mut House, no: OrderNo, what: Wanted) -> Refund {
    let outcome = house.run(&staff(), &refund(no, what)).unwrap();
    let Outcome::Refund { order, id } = outcome else { panic!("{outcome:?}") };
    assert_eq!(order, no);
    let order: &Order = house.order(no);
    order.refunds.iter().find(|it| it.id == id).unwrap().clone()
}

/// The effects that were begun, by name, with what they do.
pub(crate) fn effects(house: &House) -> Vec<(String, &'static str)> {
    let mut begun: Vec<&Effect> = house.world.effects.iter().collect();
    begun.sort_by_key(|it| it.id.clone());
    begun.iter().map(|it| (it.id.to_string(), it.action.name())).collect()
}
