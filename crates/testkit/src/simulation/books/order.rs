//! What must be true of one order, whatever has happened to it.

use domain::{
    Event, Moment, Money, Order, Recorded,
    order::{CancelCause, DocumentNumber, PaymentMethod, ReviewStatus, Status},
    payment::{IntentState, Payment, PaymentState},
    refund::{Refund, RefundState},
};

use super::Broken;
use crate::simulation::provider::Ledger;

/// What an event may change only in one direction.
pub(super) struct Before {
    status: Status,
    cancelled_by: Option<CancelCause>,
    review_status: ReviewStatus,
    expires_at: Option<Moment>,
    is_processing: bool,
    numbers: Option<(u64, DocumentNumber)>,
    credit_note: Option<DocumentNumber>,
}

impl Before {
    pub(super) fn of(order: &Order) -> Before {
        Before {
            status: order.status,
            cancelled_by: order.cancelled_by,
            review_status: order.review_status,
            expires_at: order.expires_at,
            is_processing: order.payments.iter().any(|it| it.status == PaymentState::Processing),
            numbers: order.retrieval_no.zip(order.invoice.clone()),
            credit_note: order.credit_note.clone(),
        }
    }

    pub(super) fn check(&self, after: &Order, recorded: &Recorded) -> Result<(), Broken> {
        let (event, at) = (&recorded.event, recorded.at);
        use Status::{Cancelled, Confirmed, Delivered, Pending, Shipped};
        let moved = match (self.status, after.status) {
            (before, after) if before == after => true,
            (Pending, Confirmed | Cancelled)
            | (Confirmed, Shipped | Cancelled)
            | (Shipped, Delivered) => true,
            // The rest of the move, to be confirmed, comes with the next events.
            (Cancelled, Pending) => self.cancelled_by == Some(CancelCause::Expired),
            (Pending | Confirmed | Shipped | Delivered | Cancelled, _) => false,
        };
        if !moved {
            let cause = self.cancelled_by;
            return Err(format!("{:?} ({cause:?}) became {:?}", self.status, after.status));
        }
        let numbers = after.retrieval_no.zip(after.invoice.clone());
        if self.numbers.is_some() && self.numbers != numbers {
            return Err(format!("its numbers were {:?} and are {numbers:?}", self.numbers));
        }
        if self.credit_note.is_some() && self.credit_note != after.credit_note {
            return Err(format!("its credit note {:?} is lost", self.credit_note));
        }
        match event {
            Event::OrderCancelled(it) if it.cause == CancelCause::Expired => {
                self.check_expiry(after, at)
            }
            Event::OrderConfirmed(_) if self.status != Pending => {
                Err(format!("{:?} was confirmed again", self.status))
            }
            Event::OrderConfirmed(_) | Event::ShipmentCreated(_) if !is_covered(after) => {
                Err("it goes on, and nobody has paid or promised to".into())
            }
            Event::ShipmentCreated(_) if after.on_hold => Err("shipped while on hold".into()),
            Event::ShipmentCreated(_) | Event::OrderShipped(_)
                if after.review_status == ReviewStatus::UnderReview =>
            {
                Err("shipped while under review".into())
            }
            Event::OrderReviewStarted(_) if self.review_status != ReviewStatus::None => {
                Err(format!("looked at again, after {:?}", self.review_status))
            }
            Event::OrderReviewPassed(_) | Event::OrderReviewFailed(_)
                if self.review_status != ReviewStatus::UnderReview =>
            {
                Err(format!("decided over while {:?}", self.review_status))
            }
            Event::OrderReinstated(_) if after.review_status == ReviewStatus::Failed => {
                Err("it has failed its review, and comes back".into())
            }
            Event::ShipmentCreated(_) if self.status != Confirmed => {
                Err(format!("shipped while {:?}", self.status))
            }
            Event::OrderConfirmed(_)
            | Event::ShipmentCreated(_)
            | Event::ShipmentUpdated(_)
            | Event::OrderCreated(_)
            | Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::OrderCancelled(_)
            | Event::OrderReinstated(_)
            | Event::OrderHeld(_)
            | Event::OrderReleased(_)
            | Event::OrderReviewStarted(_)
            | Event::OrderReviewPassed(_)
            | Event::OrderReviewFailed(_)
            | Event::OrderMerchantUpdated(_)
            | Event::OrderVendorStatusChanged(_)
            | Event::OrderRefunded(_)
            | Event::OrderRefundFailed(_)
            | Event::RefundCreated(_)
            | Event::PaymentCreated(_)
            | Event::PaymentProcessing(_)
            | Event::PaymentAuthorized(_)
            | Event::PaymentCaptured(_)
            | Event::PaymentFailed(_)
            | Event::PaymentCancelled(_)
            | Event::StockLow(_)
            | Event::OrderPersonErased(_) => Ok(()),
        }
    }

    fn check_expiry(&self, order: &Order, at: Moment) -> Result<(), Broken> {
        let is_over = self.expires_at.is_some_and(|it| it <= at);
        let is_processed = self.is_processing && at < order.created_at.plus_ms(PROCESSING_MS);
        if is_over && !is_processed {
            return Ok(());
        }
        Err(format!("it has expired before its time, {:?}", self.expires_at))
    }
}

/// The longest that a provider's work on a payment keeps the stock.
const PROCESSING_MS: i64 = 7 * 24 * 3_600_000;

/// Paid, promised by the provider, or payable later by agreement.
fn is_covered(order: &Order) -> bool {
    let promised = order.payments.iter().filter(|it| match it.status {
        PaymentState::Authorized | PaymentState::Captured => true,
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Failed
        | PaymentState::Cancelled => false,
    });
    let promised: i64 = promised.map(|it| it.amount.0).sum();
    let by_agreement = order.on_account || !order.payment_method.is_prepaid();
    by_agreement || promised >= order.total.0
}

/// What the order says of itself.
pub(super) fn check(order: &Order) -> Result<(), Broken> {
    check_status(order)?;
    for payment in &order.payments {
        let back = given_back(order, payment);
        let captured = match payment.status {
            PaymentState::Captured => payment.amount,
            PaymentState::Open
            | PaymentState::Processing
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Cancelled => Money::ZERO,
        };
        if back > captured {
            return Err(format!("of {captured:?} captured by {}, {back:?} went back", payment.id));
        }
    }
    for line in &order.lines {
        let counts = line.counts;
        let quantity = line.quantity.get();
        if counts.cancelled + counts.shipped > quantity
            || counts.returned > counts.shipped
            || counts.refunded > quantity
        {
            return Err(format!("line {} can't be: {line:?}", line.no));
        }
        let parcels = order.shipments.iter().flat_map(|it| &it.items);
        let sent: u32 = parcels.filter(|it| it.line == line.no).map(|it| it.quantity.get()).sum();
        if sent != counts.shipped {
            return Err(format!("{sent} of line {line:?} lie in shipments"));
        }
        let items = live_refunds(order).flat_map(|it| &it.items).filter(|it| it.line == line.no);
        let (pieces, amount) = items.fold((0, 0), |(pieces, amount), it| {
            (pieces + it.quantity.get(), amount + it.amount.0)
        });
        // No line has taxes or discounts here: all its pieces cost what the line does.
        let is_whole = pieces == quantity;
        if pieces > quantity || amount > line.total.0 || (is_whole && amount != line.total.0) {
            return Err(format!("{pieces} of line {line:?} are refunded with {amount}"));
        }
    }
    Ok(())
}

fn check_status(order: &Order) -> Result<(), Broken> {
    let has_numbers = order.retrieval_no.is_some() && order.invoice.is_some();
    let is_right = match order.status {
        Status::Pending => !has_numbers && order.payment_method == PaymentMethod::CreditCard,
        Status::Confirmed => has_numbers && order.expires_at.is_none(),
        Status::Shipped | Status::Delivered => {
            let arrived = order.shipments.iter().all(|it| it.delivered_at.is_some());
            has_numbers
                && order.expires_at.is_none()
                && order.lines.iter().all(|it| it.open() == 0)
                && (arrived || order.status == Status::Shipped)
        }
        Status::Cancelled => {
            order.expires_at.is_none()
                && order.cancelled_by.is_some()
                && order.credit_note.is_some() == has_numbers
                && order.lines.iter().all(|it| it.open() == 0)
        }
    };
    if is_right { Ok(()) } else { Err(format!("it can't be so: {order:?}")) }
}

/// What went back of a payment or is on its way.
fn given_back(order: &Order, payment: &Payment) -> Money {
    let of_it = live_refunds(order).filter(|it| it.payment.as_ref() == Some(&payment.id));
    Money(of_it.map(|it| it.amount.0).sum())
}

fn live_refunds(order: &Order) -> impl Iterator<Item = &Refund> {
    order.refunds.iter().filter(|it| it.status != RefundState::Failed)
}

fn succeeded_back(order: &Order, payment: &Payment) -> Money {
    let of_it = order.refunds.iter().filter(|it| {
        it.status == RefundState::Succeeded && it.payment.as_ref() == Some(&payment.id)
    });
    Money(of_it.map(|it| it.amount.0).sum())
}

/// An order never claims money that the provider has not moved; the reverse is a matter of time.
pub(super) fn check_claims(order: &Order, ledger: &Ledger) -> Result<(), Broken> {
    for payment in &order.payments {
        let Some(intent) = &payment.intent else { continue };
        let Some(account) = ledger.get(intent) else {
            return Err(format!("{} names an intent that nobody made: {intent}", payment.id));
        };
        let taken = match account.news.state {
            IntentState::Succeeded => account.news.amount,
            IntentState::Open
            | IntentState::Declined
            | IntentState::Processing
            | IntentState::Authorized
            | IntentState::Cancelled => Money::ZERO,
        };
        let back = succeeded_back(order, payment);
        let claims = payment.status == PaymentState::Captured;
        if (claims && payment.amount != taken) || back > account.refunded {
            return Err(format!("it claims {payment:?} and {back:?} back of {account:?}"));
        }
        if payment.status == PaymentState::Cancelled && taken != Money::ZERO {
            return Err(format!("{} is cancelled, and yet the provider has {taken:?}", payment.id));
        }
    }
    Ok(())
}

/// Once nothing is under way, both tell the same of the money.
pub(in crate::simulation) fn check_settled(order: &Order, ledger: &Ledger) -> Result<(), Broken> {
    let mut is_sure = true;
    for refund in &order.refunds {
        match refund.status {
            RefundState::Pending => return Err(format!("{} is pending for ever", refund.id)),
            RefundState::Failed => is_sure = false,
            RefundState::Succeeded => {}
        }
    }
    if order.review_status == ReviewStatus::Failed && order.status != Status::Cancelled {
        return Err(format!("it has failed its review, and is {:?}", order.status));
    }
    // What went back although nobody heard of it for days is found by reconciliation.
    if !is_sure {
        return Ok(());
    }
    for payment in &order.payments {
        let Some(account) = payment.intent.as_ref().and_then(|it| ledger.get(it)) else { continue };
        let back = succeeded_back(order, payment);
        if back != account.refunded {
            return Err(format!("{back:?} went back of {}, and {account:?}", payment.id));
        }
    }
    let captured = order.payments.iter().filter(|it| it.status == PaymentState::Captured);
    let kept = |payment: &Payment| payment.amount.0 - succeeded_back(order, payment).0;
    let all: i64 = captured.clone().map(kept).sum();
    // What was paid wrongly is for staff to decide; who has paid rightly does not pay again.
    let right: i64 = captured.filter(|it| it.amount == order.total).map(kept).sum();
    match order.status {
        Status::Cancelled if all != 0 => Err(format!("it is cancelled, and {all} is kept")),
        Status::Pending | Status::Confirmed | Status::Shipped | Status::Delivered
            if right > order.total.0 =>
        {
            Err(format!("it was paid twice, and {right} is kept: {order:?}"))
        }
        Status::Pending
        | Status::Confirmed
        | Status::Shipped
        | Status::Delivered
        | Status::Cancelled => Ok(()),
    }
}
