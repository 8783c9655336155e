//! What of an order is given back, and what it is worth: some of its lines, of its shipping, or
//! just an amount.

use std::collections::BTreeMap;

use super::{
    RefundItem, RefundState, given,
    request::{RequestRefund, Wanted, WantedItem},
};
use crate::{
    money::{Decimal, Money, Overflow},
    order::{Line, Order},
    quantity::Quantity,
    refusal::{Found, Refusal, Refusals, Subject},
};

/// What a refund is for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) amount: Money,
    pub(crate) reason: Option<String>,
    pub(crate) items: Vec<RefundItem>,
    pub(crate) shipping: Money,
    /// How many refunds the same decision makes before this one.
    pub(crate) ahead: usize,
}

impl Part {
    /// What a request asks for, in the order's currency.
    pub(super) fn of(order: &Order, request: &RequestRefund) -> Result<Part, Refusals> {
        let mut found = Found::default();
        let (part, subject) = match &request.what {
            Wanted::Amount(amount) => {
                let amount = read(order, *amount, Subject::Amount, &mut found);
                (Part { amount, ..Part::default() }, Subject::Amount)
            }
            Wanted::Parts { items, shipping, restock } => {
                let shipping = match shipping {
                    Some(amount) => shipping_part(order, *amount, &mut found)?,
                    None => Money::ZERO,
                };
                let items = lines_part(order, items, *restock, &mut found)?;
                let amount = Money::sum(items.iter().map(|it| it.amount))?.plus(shipping)?;
                (Part { amount, items, shipping, ..Part::default() }, Subject::Request)
            }
        };
        found.settle()?;
        if part.amount <= Money::ZERO {
            return Err((subject, Refusal::AmountNotPositive).into());
        }
        Ok(Part { reason: request.reason.clone(), ..part })
    }
}

fn read(order: &Order, amount: Decimal, subject: Subject, found: &mut Found) -> Money {
    if amount.is_negative() {
        found.add(subject, Refusal::AmountNotPositive);
        return Money::ZERO;
    }
    Money::from_decimal(amount, order.currency).unwrap_or_else(|fault| {
        found.add(subject, Refusal::InvalidAmount(fault));
        Money::ZERO
    })
}

fn shipping_part(order: &Order, amount: Decimal, found: &mut Found) -> Result<Money, Overflow> {
    let requested = read(order, amount, Subject::RefundShipping, found);
    let refunded = Money::sum(given(order).map(|it| it.shipping))?;
    let refundable = order.gross_of_shipping()?.minus(refunded)?.max(Money::ZERO);
    if requested > refundable {
        let currency = order.currency;
        let refusal = Refusal::RefundExceedsPayment { refundable, requested, currency };
        found.add(Subject::RefundShipping, refusal);
    }
    Ok(requested)
}

/// The wanted lines; one that is named twice is meant twice.
fn lines_part(
    order: &Order,
    wanted: &[WantedItem],
    restock: bool,
    found: &mut Found,
) -> Result<Vec<RefundItem>, Overflow> {
    let mut quantities: BTreeMap<u32, u32> = BTreeMap::new();
    for (index, item) in wanted.iter().enumerate() {
        let Some(line) = order.lines.iter().find(|it| it.no == item.line) else {
            found.add(Subject::RefundItem(index), Refusal::LineNotFound { line: item.line });
            continue;
        };
        let requested = quantities.entry(line.no).or_default();
        *requested = requested.saturating_add(item.quantity.get());
        let given_back = History::of(order, line)?.quantity;
        let refundable = line.quantity.get().saturating_sub(given_back);
        if *requested > refundable {
            let (line, requested) = (line.no, *requested);
            let refusal = Refusal::RefundExceedsLine { line, refundable, requested };
            found.add(Subject::RefundItem(index), refusal);
        }
    }
    let mut items = Vec::with_capacity(quantities.len());
    for line in &order.lines {
        let asked = quantities.get(&line.no).copied().and_then(Quantity::new);
        if let Some(quantity) = asked.filter(|it| *it <= line.quantity) {
            items.push(line_part(order, line, quantity, restock)?);
        }
    }
    Ok(items)
}

fn line_part(
    order: &Order,
    line: &Line,
    quantity: Quantity,
    restock: bool,
) -> Result<RefundItem, Overflow> {
    let before = History::of(order, line)?;
    let whole = order.gross_of(line)?;
    let due = share(whole, before.quantity + quantity.get(), line.quantity.get());
    let mut item = RefundItem {
        line: line.no,
        quantity,
        // What has failed may have left a gap of another size than a part of the line has now.
        amount: due.minus(before.amount)?.max(Money::ZERO),
        cancelled: 0,
        returned: 0,
        already_back: 0,
    };
    if restock {
        item.already_back = before.left_back.min(quantity.get());
        let rest = quantity.get() - item.already_back;
        item.cancelled = rest.min(line.open());
        let returnable = line.counts.shipped.saturating_sub(line.counts.returned);
        item.returned = (rest - item.cancelled).min(returnable);
    }
    Ok(item)
}

/// What a number of pieces of a line are worth, counted from the first: rounded half up, so that
/// the parts of a line, each the difference of two such amounts, are the whole together.
fn share(whole: Money, pieces: u32, of: u32) -> Money {
    let (whole, pieces, of) = (i128::from(whole.0.max(0)), i128::from(pieces), i128::from(of));
    let rounded = (2 * whole * pieces + of) / (2 * of);
    Money(i64::try_from(rounded).expect("a part is not more than the whole"))
}

/// What has been given back of a line so far.
#[derive(Default)]
struct History {
    quantity: u32,
    amount: Money,
    /// Goods that came back, or were cancelled, for refunds that then failed.
    left_back: u32,
}

impl History {
    fn of(order: &Order, line: &Line) -> Result<History, Overflow> {
        let mut history = History::default();
        let (mut left, mut taken_up) = (0, 0);
        for refund in &order.refunds {
            for item in refund.items.iter().filter(|it| it.line == line.no) {
                if refund.status == RefundState::Failed {
                    left += item.cancelled + item.returned;
                } else {
                    history.quantity += item.quantity.get();
                    history.amount = history.amount.plus(item.amount)?;
                    taken_up += item.already_back;
                }
            }
        }
        history.left_back = left - taken_up.min(left);
        Ok(history)
    }
}
