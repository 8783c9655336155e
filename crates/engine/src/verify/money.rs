//! The sums of an order.

use domain::{Money, Order, money::Overflow};

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
    if totals.refunded > totals.paid {
        found.add(Difference::RefundsExceedPayments(order.no));
    }
}
