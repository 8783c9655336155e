//! Our books against the provider's: what one payment is in each.

use domain::{
    Money, Order,
    order::{PaymentStatus, Status},
    payment::{IntentState, Payment, PaymentState},
    refund::RefundState,
};
use engine::payment::IntentRecord;

/// How the books differ over a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Our order has the money, the provider does not.
    PaidWithoutRecord,
    /// The provider has the money, none of our orders does.
    WithoutOrder,
    /// Both have it, and not the same.
    Amounts,
}

/// Holds an intent against the order that it was made for, if that is there.
pub(super) fn difference(order: Option<&Order>, theirs: &IntentRecord) -> Option<Difference> {
    let found = order.and_then(|order| Some((order, payment_of(order, theirs)?)));
    let ours = found.map_or(Held::Nothing, |(_, it)| held_by(it));
    match (ours, held_there(theirs.news.state)) {
        (Held::Nothing, Held::Nothing) => None,
        (Held::Nothing, Held::Promised | Held::Taken) | (Held::Promised, Held::Taken) => {
            Some(Difference::WithoutOrder)
        }
        (Held::Promised | Held::Taken, Held::Nothing) | (Held::Taken, Held::Promised) => {
            Some(Difference::PaidWithoutRecord)
        }
        (Held::Promised, Held::Promised) | (Held::Taken, Held::Taken) => {
            let agree = found.is_some_and(|(order, payment)| agree(order, payment, theirs));
            (!agree).then_some(Difference::Amounts)
        }
    }
}

/// The payment of an order that an intent is of.
pub(super) fn payment_of<'o>(order: &'o Order, theirs: &IntentRecord) -> Option<&'o Payment> {
    order.payments.iter().find(|it| it.intent.as_ref() == Some(&theirs.news.intent))
}

/// Payments whose money our books have from the provider.
pub(super) fn with_money(order: &Order) -> impl Iterator<Item = &Payment> {
    order.payments.iter().filter(|it| it.intent.is_some() && held_by(it) != Held::Nothing)
}

/// What has succeeded of a payment's refunds, and what is on its way.
pub(super) fn refunded(order: &Order, payment: &Payment) -> (Money, Money) {
    let of_state = |state| {
        let of_it = order
            .refunds
            .iter()
            .filter(|it| it.status == state && it.payment.as_ref() == Some(&payment.id));
        Money(of_it.map(|it| it.amount.0).sum())
    };
    (of_state(RefundState::Succeeded), of_state(RefundState::Pending))
}

/// A confirmed order that was to be paid by its provider, and is neither paid nor will it be: what
/// was authorized could not be taken.
pub(super) fn lost_payment(order: &Order) -> Option<&Payment> {
    let is_confirmed = match order.status {
        Status::Confirmed | Status::Shipped | Status::Delivered => true,
        Status::Pending | Status::Cancelled => false,
    };
    let is_owed = match order.payment_status() {
        PaymentStatus::Unpaid => true,
        PaymentStatus::Authorized
        | PaymentStatus::Paid
        | PaymentStatus::PartiallyRefunded
        | PaymentStatus::Refunded => false,
    };
    let by_provider = order.payment_method.is_prepaid() && !order.on_account;
    if is_confirmed && is_owed && by_provider { order.payments.last() } else { None }
}

fn agree(order: &Order, payment: &Payment, theirs: &IntentRecord) -> bool {
    let (succeeded, pending) = refunded(order, payment);
    let least_and_most = succeeded.0..=succeeded.0.saturating_add(pending.0);
    // An order that waits for somebody to look at what was paid has not got what it asks for.
    let is_as_asked = payment.amount == order.total || !order.on_hold;
    payment.amount == theirs.news.amount
        && order.currency == theirs.news.currency
        && least_and_most.contains(&theirs.refunded.0)
        && is_as_asked
}

/// How much of the money of a payment is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Nothing,
    /// Authorized: it is taken when the goods are shipped.
    Promised,
    Taken,
}

fn held_by(payment: &Payment) -> Held {
    match payment.status {
        PaymentState::Authorized => Held::Promised,
        PaymentState::Captured => Held::Taken,
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Failed
        | PaymentState::Cancelled => Held::Nothing,
    }
}

pub(super) fn held_there(state: IntentState) -> Held {
    match state {
        IntentState::Authorized => Held::Promised,
        IntentState::Succeeded => Held::Taken,
        IntentState::Open
        | IntentState::Declined
        | IntentState::Processing
        | IntentState::Cancelled => Held::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{
        Currency, IntentId, Moment, OrderNo, PaymentId, StoreId,
        event::OrderCreated,
        order::{OrderKind, PaymentMethod, Shipping},
        payment::IntentNews,
        refund::Refund,
    };

    use super::*;

    fn usd() -> Currency {
        Currency::parse("USD").expect("a currency")
    }

    /// An order of 20.00 with one payment of the intent `pi_1`.
    fn order(status: PaymentState) -> Order {
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: None,
            currency: usd(),
            lines: Vec::new(),
            shipping: Shipping { method: None, amount: Money(2000), tax_lines: Vec::new() },
            adjustments: Vec::new(),
            total: Money(2000),
            payment_method: PaymentMethod::CreditCard,
            with_payment: true,
            expires_at: None,
            merchant: None,
            metadata: BTreeMap::new(),
        };
        let mut order = Order::created(OrderNo(1), StoreId::FIRST, Moment(0), &created);
        order.payments.push(Payment {
            id: PaymentId::new("pay_1_1"),
            method: PaymentMethod::CreditCard,
            intent: Some(IntentId::new("pi_1")),
            status,
            amount: Money(2000),
            failure: None,
            at: Moment(0),
        });
        order
    }

    fn refund(order: &mut Order, state: RefundState, amount: i64) {
        order.refunds.push(Refund {
            id: format!("re_1_{}", order.refunds.len() + 1),
            payment: Some(PaymentId::new("pay_1_1")),
            status: state,
            amount: Money(amount),
            method: "credit_card".into(),
            reason: None,
            items: Vec::new(),
            shipping: Money::ZERO,
            failure: None,
            at: Moment(0),
        });
    }

    fn record(state: IntentState, amount: i64, refunded: i64) -> IntentRecord {
        IntentRecord {
            news: IntentNews {
                intent: IntentId::new("pi_1"),
                order: Some(OrderNo(1)),
                payment: Some(PaymentId::new("pay_1_1")),
                amount: Money(amount),
                currency: usd(),
                state,
                message: None,
            },
            refunded: Money(refunded),
            created_at: 0,
        }
    }

    /// Every state here against every state there.
    #[test]
    fn a_payment_is_the_same_in_both_books() {
        let ours = [
            PaymentState::Open,
            PaymentState::Processing,
            PaymentState::Authorized,
            PaymentState::Captured,
            PaymentState::Failed,
            PaymentState::Cancelled,
        ];
        let check = |theirs: IntentState, expected: &str| {
            let found =
                ours.map(|ours| match difference(Some(&order(ours)), &record(theirs, 2000, 0)) {
                    None => '.',
                    Some(Difference::WithoutOrder) => 'o',
                    Some(Difference::PaidWithoutRecord) => 'r',
                    Some(Difference::Amounts) => 'a',
                });
            assert_eq!(String::from_iter(found), expected, "{theirs:?}");
        };
        check(IntentState::Open, "..rr..");
        check(IntentState::Declined, "..rr..");
        check(IntentState::Processing, "..rr..");
        check(IntentState::Authorized, "oo.roo");
        check(IntentState::Succeeded, "ooo.oo");
        check(IntentState::Cancelled, "..rr..");
    }

    #[test]
    fn a_payment_of_no_order_of_ours() {
        let paid = record(IntentState::Succeeded, 2000, 0);
        assert_eq!(difference(None, &paid), Some(Difference::WithoutOrder));
        assert_eq!(difference(None, &record(IntentState::Open, 2000, 0)), None);
        let mut other = order(PaymentState::Captured);
        other.payments[0].intent = Some(IntentId::new("pi_2"));
        assert_eq!(difference(Some(&other), &paid), Some(Difference::WithoutOrder));
    }

    /// What is on its way back may have arrived there and not here.
    #[test]
    fn amounts_agree_within_what_is_on_its_way() {
        let check = |refunds: &[(RefundState, i64)], there: IntentRecord, agrees: bool| {
            let mut order = order(PaymentState::Captured);
            refunds.iter().for_each(|(state, amount)| refund(&mut order, *state, *amount));
            let expected = (!agrees).then_some(Difference::Amounts);
            assert_eq!(difference(Some(&order), &there), expected, "{refunds:?} {there:?}");
        };
        let taken = |amount, refunded| record(IntentState::Succeeded, amount, refunded);
        check(&[], taken(2000, 0), true);
        check(&[], taken(1999, 0), false);
        check(&[], taken(2000, 1), false);
        let done = (RefundState::Succeeded, 500);
        check(&[done], taken(2000, 500), true);
        check(&[done], taken(2000, 0), false);
        check(&[done, (RefundState::Failed, 700)], taken(2000, 500), true);
        let on_its_way = (RefundState::Pending, 300);
        for (refunded, agrees) in
            [(499, false), (500, true), (650, true), (800, true), (801, false)]
        {
            check(&[done, on_its_way], taken(2000, refunded), agrees);
        }
        let mut mismatched = order(PaymentState::Captured);
        mismatched.payments[0].amount = Money(1000);
        mismatched.on_hold = true;
        let found = difference(Some(&mismatched), &taken(1000, 0));
        assert_eq!(found, Some(Difference::Amounts), "nobody has looked at it yet");
        let mut other_currency = taken(2000, 0);
        other_currency.news.currency = Currency::parse("EUR").expect("a currency");
        let found = difference(Some(&order(PaymentState::Captured)), &other_currency);
        assert_eq!(found, Some(Difference::Amounts));
    }

    #[test]
    fn what_was_authorized_and_is_lost() {
        let check = |change: &dyn Fn(&mut Order), is_lost: bool| {
            let mut order = order(PaymentState::Failed);
            order.status = Status::Shipped;
            order.confirmed_at = Some(Moment(0));
            change(&mut order);
            assert_eq!(lost_payment(&order).is_some(), is_lost, "{order:?}");
        };
        check(&|_| {}, true);
        check(&|it| it.status = Status::Confirmed, true);
        check(&|it| it.status = Status::Pending, false);
        check(&|it| it.status = Status::Cancelled, false);
        check(&|it| it.on_account = true, false);
        check(&|it| it.payment_method = PaymentMethod::Invoice, false);
        check(&|it| it.payments[0].status = PaymentState::Authorized, false);
        check(&|it| it.payments[0].status = PaymentState::Captured, false);
    }
}
