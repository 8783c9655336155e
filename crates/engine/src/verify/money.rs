//! The sums of an order.

use domain::{Money, Order, money::Overflow, payment::PaymentState, refund::RefundState};

use super::{Difference, Found};

pub(super) fn check(order: &Order, found: &mut Found) {
    for line in &order.lines {
        if line.price.times(line.quantity.get()) != Ok(line.total) {
            found.add(Difference::LineTotal { order: order.no, line: line.no });
        }
    }
    let Ok(totals) = order.totals() else {
        found.add(Difference::AmountsOverflow(order.no));
        return;
    };
    let sum = || -> Result<Money, Overflow> {
        totals.subtotal.plus(totals.shipping)?.plus(totals.tax)?.minus(totals.discount)
    };
    if sum() != Ok(order.total) {
        found.add(Difference::OrderTotal(order.no));
    }
    match given_back(order) {
        Ok(given) if given > totals.paid || !is_covered(order) => {
            found.add(Difference::RefundsExceedPayments(order.no));
        }
        Ok(_) => {}
        Err(Overflow) => found.add(Difference::AmountsOverflow(order.no)),
    }
}

/// What went back, and what is on its way.
fn given_back(order: &Order) -> Result<Money, Overflow> {
    let given = order.refunds.iter().filter(|it| it.status != RefundState::Failed);
    Money::sum(given.map(|it| it.amount))
}

/// Whether each payment has taken what goes back of it.
fn is_covered(order: &Order) -> bool {
    order.payments.iter().all(|payment| {
        let of_it = order.refunds.iter().filter(|it| {
            it.status != RefundState::Failed && it.payment.as_ref() == Some(&payment.id)
        });
        let taken = match payment.status {
            PaymentState::Captured => payment.amount,
            PaymentState::Open
            | PaymentState::Processing
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Cancelled => Money::ZERO,
        };
        Money::sum(of_it.map(|it| it.amount)).is_ok_and(|given| given <= taken)
    })
}
