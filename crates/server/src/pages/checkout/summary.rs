//! What is bought and what it comes to, beside the steps of the checkout.

use domain::{Currency, Money, Order, order::Totals};
use maud::{Markup, html};

use super::{cart::Opened, language::Language};

struct Row<'a> {
    name: &'a str,
    quantity: u32,
    /// Absent: it can't be bought any more.
    total: Option<Money>,
}

struct Sums {
    subtotal: Money,
    discount: Money,
    /// Absent: it is not chosen yet.
    shipping: Option<Money>,
    total: Money,
}

/// Of a cart. Before a way of delivery is chosen, none is counted.
pub(super) fn of_cart(language: &Language, opened: &Opened, is_chosen: bool) -> Markup {
    let priced = opened.priced();
    let gone = language.say("summary.gone");
    let rows: Vec<_> = priced
        .items
        .iter()
        .map(|it| Row {
            name: it.name.as_deref().unwrap_or(gone),
            quantity: it.quantity.get(),
            total: it.total,
        })
        .collect();
    let shipping = priced.shipping.filter(|_| is_chosen);
    let without = || priced.subtotal.minus(priced.discount).unwrap_or(priced.subtotal);
    let sums = Sums {
        subtotal: priced.subtotal,
        discount: priced.discount,
        shipping,
        total: if is_chosen { priced.total } else { without() },
    };
    table(language, priced.currency, &rows, &sums)
}

/// Of an order.
pub(super) fn of_order(language: &Language, order: &Order, totals: &Totals) -> Markup {
    let row = |it: &domain::order::Line| (it.name.clone(), it.quantity.get(), it.total);
    let lines: Vec<_> = order.lines.iter().map(row).collect();
    let rows: Vec<_> = lines
        .iter()
        .map(|(name, quantity, total)| Row { name, quantity: *quantity, total: Some(*total) })
        .collect();
    let sums = Sums {
        subtotal: totals.subtotal,
        discount: totals.discount,
        shipping: Some(totals.shipping),
        total: order.total,
    };
    table(language, order.currency, &rows, &sums)
}

fn table(language: &Language, currency: Currency, rows: &[Row<'_>], sums: &Sums) -> Markup {
    let money = |amount: Money| language.money(amount, currency);
    let shipping = match sums.shipping {
        None => html! { td.words { (language.say("summary.shipping_later")) } },
        Some(Money::ZERO) => html! { td.words { (language.say("summary.free")) } },
        Some(amount) => html! { td.amount { (money(amount)) } },
    };
    html! {
        aside.card.summary aria-labelledby="summary" {
            h2 #summary { (language.say("summary.title")) }
            table.goods {
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" {
                                (row.name)
                                @if row.quantity > 1 {
                                    span.small { " × " (row.quantity) }
                                }
                            }
                            td.amount {
                                @match row.total {
                                    Some(total) => (money(total)),
                                    None => (language.say("summary.gone")),
                                }
                            }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { (language.say("summary.subtotal")) }
                        td.amount { (money(sums.subtotal)) }
                    }
                    @if sums.discount > Money::ZERO {
                        tr {
                            th scope="row" { (language.say("summary.discount")) }
                            td.amount { (money(Money(-sums.discount.0))) }
                        }
                    }
                    tr {
                        th scope="row" { (language.say("summary.shipping")) }
                        (shipping)
                    }
                    tr.total {
                        th scope="row" { (language.say("summary.total")) }
                        td.amount { (money(sums.total)) }
                    }
                }
            }
        }
    }
}
