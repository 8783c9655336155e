//! What holds of the refunds of any order, in whatever parts and currency it is given back.

use domain::{
    Currency, Money, Order, OrderNo, Refusal,
    order::{Adjustment, AdjustmentScope, Line, TaxLine},
    payment::PaymentState,
    refund::RefundState,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    house::{House, line, ship_some, staff},
    till::{amount, complete, parts, pay, pending_of, refund, settle},
};

/// More desks than any order here has.
const DESKS: i64 = 1000;

#[derive(Clone, Debug)]
struct Bought {
    quantity: u32,
    price: i64,
    tax_on_top: i64,
    /// Of what the line would cost without it.
    discount_permille: i64,
}

#[derive(Clone, Debug)]
enum Deed {
    /// Some pieces of some lines, and some of the shipping.
    Parts {
        lines: Vec<(u32, u32)>,
        shipping: i64,
        restock: bool,
    },
    Amount(i64),
    /// The provider decides about a refund.
    Settle(usize, RefundState),
    Ship(u32, u32),
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_of_an_order_are_the_whole(
        currency in currency(),
        bought in vec(bought(), 1..5),
        deeds in vec(deed(), 0..40),
    ) {
        let mut house = House::new();
        let no = order_of(&mut house, currency, &bought);
        let total = house.order(no).total;
        pay(&mut house, no, 1, PaymentState::Captured, total.0);
        complete(&mut house, no);
        for deed in deeds.into_iter().filter(|it| !matches!(it, Deed::Amount(_))) {
            perform(&mut house, no, deed);
            check(&house, no);
        }
        give_the_rest(&mut house, no);
        let order = house.order(no);
        for line in &order.lines {
            let items = order.refunds.iter().filter(|it| it.status == RefundState::Succeeded);
            let of_line = items.flat_map(|it| &it.items).filter(|it| it.line == line.no);
            let amount: i64 = of_line.map(|it| it.amount.0).sum();
            prop_assert_eq!(amount, gross(&bought[line.no as usize - 1]), "{:?}", line);
        }
        let totals = order.totals().unwrap();
        prop_assert_eq!((totals.refunded, totals.paid), (order.total, order.total));
    }

    #[test]
    fn no_refund_is_of_money_that_is_not_there(
        currency in currency(),
        bought in vec(bought(), 1..5),
        payments in vec(1..100_000_i64, 0..4),
        deeds in vec(deed(), 0..40),
    ) {
        let mut house = House::new();
        let no = order_of(&mut house, currency, &bought);
        for (k, captured) in (1..).zip(payments) {
            pay(&mut house, no, k, PaymentState::Captured, captured);
        }
        complete(&mut house, no);
        for deed in deeds {
            perform(&mut house, no, deed);
            check(&house, no);
        }
    }
}

fn order_of(house: &mut House, currency: Currency, bought: &[Bought]) -> OrderNo {
    house.stock("desk", DESKS, 0);
    let tax = |amount, included| TaxLine {
        code: "tax".into(),
        rate_ppm: 190_000,
        amount: Money(amount),
        included,
    };
    let lines: Vec<Line> = (1..)
        .zip(bought)
        .map(|(no, it)| Line {
            price: Money(it.price),
            total: Money(it.price * i64::from(it.quantity)),
            tax_lines: vec![tax(it.tax_on_top, false), tax(7, true)],
            ..line(no, "desk", it.quantity, true)
        })
        .collect();
    let no = pending_of(house, currency, lines);
    let shares: Vec<(u32, Money)> =
        (1..).zip(bought.iter().map(|it| Money(-discount(it)))).collect();
    house.world.orders.change(&no, |it| {
        it.adjustments = vec![Adjustment {
            id: "adj_1".into(),
            scope: AdjustmentScope::Order,
            kind: "discount".into(),
            name: None,
            amount: Money::sum(shares.iter().map(|(_, amount)| *amount)).unwrap(),
            source: "spring".into(),
            allocations: shares,
        }];
        it.shipping.tax_lines = vec![tax(95, false)];
        it.total = Money(595 + bought.iter().map(gross).sum::<i64>());
    });
    no
}

fn discount(bought: &Bought) -> i64 {
    let full = bought.price * i64::from(bought.quantity) + bought.tax_on_top;
    full * bought.discount_permille / 1000
}

fn gross(bought: &Bought) -> i64 {
    bought.price * i64::from(bought.quantity) + bought.tax_on_top - discount(bought)
}

/// A refusal is as good an answer as any: what matters is what stands in the books.
fn perform(house: &mut House, no: OrderNo, deed: Deed) {
    let currency = house.order(no).currency;
    let text = |minor: i64| Money(minor).display(currency).to_string();
    match deed {
        Deed::Parts { lines, shipping, restock } => {
            let wanted = parts(&lines, Some(&text(shipping)), restock);
            let _ = house.run(&staff(), &refund(no, wanted));
        }
        Deed::Amount(minor) => _ = house.run(&staff(), &refund(no, amount(&text(minor)))),
        Deed::Settle(k, state) => {
            if k <= house.order(no).refunds.len() {
                settle(house, no, k, state).unwrap();
            }
        }
        Deed::Ship(line, count) => {
            let _ = house.run(&staff(), &ship_some(no, &[(line, count)]));
        }
    }
}

/// All refunds come through, and then whatever is left of each line and of the shipping.
fn give_the_rest(house: &mut House, no: OrderNo) {
    let settle_all = |house: &mut House| {
        for k in 1..=house.order(no).refunds.len() {
            settle(house, no, k, RefundState::Succeeded).unwrap();
        }
    };
    settle_all(house);
    let order = house.order(no);
    let left = |it: &Line| (it.no, it.quantity.get() - it.counts.refunded);
    let lines: Vec<_> = order.lines.iter().map(left).filter(|(_, count)| *count > 0).collect();
    let succeeded = order.refunds.iter().filter(|it| it.status == RefundState::Succeeded);
    let shipping = Money(595 - succeeded.map(|it| it.shipping.0).sum::<i64>());
    let shipping = shipping.display(order.currency).to_string();
    let given = house.run(&staff(), &refund(no, parts(&lines, Some(&shipping), false)));
    match given {
        Ok(_) => settle_all(house),
        Err(refused) => assert_eq!(*refused.first(), Refusal::AmountNotPositive),
    }
}

fn check(house: &House, no: OrderNo) {
    let order = house.order(no);
    for payment in &order.payments {
        let of_it = order.refunds.iter().filter(|it| it.payment.as_ref() == Some(&payment.id));
        let given = of_it.filter(|it| it.status != RefundState::Failed);
        let given: i64 = given.map(|it| it.amount.0).sum();
        assert!(given <= payment.amount.0, "{given} of {payment:?}");
    }
    for refund in &order.refunds {
        assert!(refund.amount > Money::ZERO);
        let items = refund.items.iter().map(|it| it.amount.0).sum::<i64>();
        if !refund.items.is_empty() || refund.shipping > Money::ZERO {
            assert_eq!(items + refund.shipping.0, refund.amount.0, "{refund:?}");
        }
    }
    let (mut on_hand, mut reserved) = (DESKS, 0);
    for line in &order.lines {
        let counts = line.counts;
        assert!(counts.cancelled + counts.shipped <= line.quantity.get(), "{line:?}");
        assert!(counts.returned <= counts.shipped, "{line:?}");
        on_hand += i64::from(counts.returned) - i64::from(counts.shipped);
        reserved += i64::from(line.open());
        check_share(order, line);
    }
    assert_eq!(house.shelf("desk"), (on_hand, reserved), "the shelf is what the lines say");
}

/// Up to the first refund that fails, what is given of a line is its part of the whole, rounded
/// half up; afterwards it is never more than the whole.
fn check_share(order: &Order, line: &Line) {
    let whole = {
        let discount: i64 = order.adjustments[0]
            .allocations
            .iter()
            .filter(|it| it.0 == line.no)
            .map(|it| it.1.0)
            .sum();
        line.total.0 + line.tax_lines[0].amount.0 + discount
    };
    let items = order.refunds.iter().flat_map(|it| it.items.iter().map(move |item| (it, item)));
    let items = items.filter(|(_, item)| item.line == line.no);
    let given = items.filter(|(it, _)| it.status != RefundState::Failed);
    let (count, amount) = given.fold((0, 0), |(count, amount), (_, item)| {
        (count + i64::from(item.quantity.get()), amount + item.amount.0)
    });
    assert!(count <= i64::from(line.quantity.get()) && amount <= whole, "{amount} of {whole}");
    if order.refunds.iter().all(|it| it.status != RefundState::Failed) {
        let of = i64::from(line.quantity.get());
        let (down, rest) = (whole * count / of, whole * count % of);
        let rounded = if rest * 2 >= of { down + 1 } else { down };
        assert_eq!(amount, rounded, "{count} of {of} for {whole}");
    }
}

fn currency() -> impl Strategy<Value = Currency> {
    select(&["JPY", "USD", "KWD"][..]).prop_map(|code| Currency::parse(code).unwrap())
}

fn bought() -> impl Strategy<Value = Bought> {
    (1..13_u32, 0..5000_i64, 0..900_i64, 0..=1000_i64).prop_map(
        |(quantity, price, tax_on_top, discount_permille)| Bought {
            quantity,
            price,
            tax_on_top,
            discount_permille,
        },
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let lines = vec((1..6_u32, 1..5_u32), 0..3);
    let some = (lines, prop_oneof![2 => Just(0), 1 => 0..200_i64], any::<bool>())
        .prop_map(|(lines, shipping, restock)| Deed::Parts { lines, shipping, restock });
    let ends = select(&[RefundState::Succeeded, RefundState::Failed][..]);
    let settled = (1..20_usize, ends).prop_map(|(k, state)| Deed::Settle(k, state));
    let shipped = (1..5_u32, 1..4_u32).prop_map(|(line, count)| Deed::Ship(line, count));
    let amount = (0..50_000_i64).prop_map(Deed::Amount);
    prop_oneof![
        5 => some,
        3 => settled,
        2 => shipped,
        3 => amount,
    ]
}
