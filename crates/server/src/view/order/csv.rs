//! An order as a line of a table (RFC 4180). What a program of tables would take for a formula is
//! disarmed by an apostrophe; amounts and other numbers stay numbers.

use std::borrow::Cow;

use domain::Order;
use serde::Serialize;

use super::{AddressView, Expanded, OrderEntry, Viewer};
use crate::{
    reply::json,
    view::{Amount, Text, Time},
};

const SUMMARY: [&str; 33] = [
    "order_id",
    "retrieval_id",
    "store_id",
    "user_id",
    "status",
    "payment_status",
    "shipping_status",
    "review_status",
    "on_hold",
    "hold_reason",
    "currency",
    "subtotal",
    "shipping_total",
    "tax_total",
    "discount_total",
    "total",
    "paid_total",
    "refunded_total",
    "payment_method",
    "delivery_method_id",
    "notes",
    "invoice_number",
    "credit_note_number",
    "metadata",
    "version",
    "created_at",
    "updated_at",
    "confirmed_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancel_reason",
    "expires_at",
];

const ADDRESS: [&str; 9] =
    ["name", "company", "address", "address2", "city", "state", "zip", "country", "phone"];

/// Adds the line with the names of the columns.
pub(crate) fn header(expanded: Expanded, table: &mut Vec<u8>) {
    let mut names: Vec<Cow<'_, str>> = SUMMARY.map(Cow::from).into();
    if expanded.items {
        names.push("items".into());
    }
    if expanded.addresses {
        for kind in ["shipping", "billing"] {
            names.extend(ADDRESS.map(|it| Cow::from(format!("{kind}_{it}"))));
        }
        names.extend(["contact_email", "contact_phone"].map(Cow::from));
    }
    if expanded.payments {
        names.extend(["payments", "refunds"].map(Cow::from));
    }
    add_line(names, table);
}

/// Adds the line of an order. A part that is a list is JSON in its cell.
pub(crate) fn add_order(order: &Order, expanded: Expanded, viewer: Viewer, table: &mut Vec<u8>) {
    let OrderEntry { summary: it, items, addresses, payments } =
        OrderEntry::new(order, expanded, viewer);
    let mut cells = vec![
        plain(it.order_id.0),
        optional(it.retrieval_id.map(|it| it.0)),
        plain(it.store_id),
        text(it.user_id),
        it.status.into(),
        it.payment_status.into(),
        it.shipping_status.into(),
        it.review_status.into(),
        plain(it.on_hold),
        text(it.hold_reason),
        it.currency.into(),
        amount(it.subtotal),
        amount(it.shipping_total),
        amount(it.tax_total),
        amount(it.discount_total),
        amount(it.total),
        amount(it.paid_total),
        amount(it.refunded_total),
        it.payment_method.into(),
        text(it.delivery_method_id),
        text(it.notes),
        number(it.invoice_number),
        number(it.credit_note_number),
        list(it.metadata),
        plain(it.version),
        plain(it.created_at.0),
        plain(it.updated_at.0),
        time(it.confirmed_at),
        time(it.shipped_at),
        time(it.delivered_at),
        time(it.cancelled_at),
        text(it.cancel_reason),
        time(it.expires_at),
    ];
    cells.extend(items.map(|it| list(&it.items)));
    if let Some(it) = &addresses {
        cells.extend(address(it.shipping_address.as_ref()));
        cells.extend(address(it.billing_address.as_ref()));
        cells.extend([text(it.contact.email), text(it.contact.phone)]);
    }
    if let Some(it) = &payments {
        cells.extend([list(&it.payments), list(&it.refunds)]);
    }
    add_line(cells, table);
}

fn add_line<'a>(cells: impl IntoIterator<Item = Cow<'a, str>>, table: &mut Vec<u8>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            table.push(b',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            table.push(b'"');
            table.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            table.push(b'"');
        } else {
            table.extend_from_slice(cell.as_bytes());
        }
    }
    table.extend_from_slice(b"\r\n");
}

/// What somebody has typed or named.
fn text(text: Option<&str>) -> Cow<'_, str> {
    let text = text.unwrap_or_default();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

fn address<'a>(it: Option<&AddressView<'a>>) -> [Cow<'a, str>; ADDRESS.len()] {
    let of = |field: fn(&AddressView<'a>) -> Option<&'a str>| text(it.and_then(field));
    [
        of(|it| it.name),
        of(|it| it.company),
        of(|it| Some(it.address)),
        of(|it| it.address2),
        of(|it| Some(it.city)),
        of(|it| it.state),
        of(|it| it.zip),
        of(|it| Some(it.country)),
        of(|it| it.phone),
    ]
}

fn amount(Amount(money, currency): Amount) -> Cow<'static, str> {
    plain(money.display(currency))
}

fn time(at: Option<Time>) -> Cow<'static, str> {
    optional(at.map(|it| it.0))
}

/// The number of an invoice, which begins with what the shop has chosen.
fn number<T: std::fmt::Display>(number: Option<Text<T>>) -> Cow<'static, str> {
    let number = number.map(|it| it.0.to_string());
    text(number.as_deref()).into_owned().into()
}

/// It begins with a bracket or a brace.
fn list<T: Serialize + ?Sized>(list: &T) -> Cow<'static, str> {
    json(&list).into()
}

fn plain(value: impl ToString) -> Cow<'static, str> {
    value.to_string().into()
}

fn optional(value: Option<impl ToString>) -> Cow<'static, str> {
    value.map(plain).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let check = |cells: &[&str], expected: &str| {
            let mut table = Vec::new();
            add_line(cells.iter().map(|it| Cow::from(*it)), &mut table);
            assert_eq!(String::from_utf8(table).unwrap(), format!("{expected}\r\n"), "{cells:?}");
        };
        check(&["a", "", "b c"], "a,,b c");
        check(
            &["a,b", "say \"hi\"", "two\r\nlines", "\n"],
            "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",\"\n\"",
        );
        check(&[""], "");
    }

    #[test]
    fn formulas_are_disarmed() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(text(Some(formula)), format!("'{formula}"));
        }
        for harmless in ["", "1-1", "a=b", "'=1", " =1"] {
            assert_eq!(text(Some(harmless)), harmless);
        }
    }
}
