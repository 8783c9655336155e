//! `/order-complete`: for stores without a page of their own. Whoever comes with the signature sees
//! the order; anybody else, that a number was received, whatever it is.

use axum::extract::State;
use domain::{
    Order, RetrievalId,
    order::{PaymentStatus, ShippingStatus, Status},
    shop::Shop,
};
use maud::{Markup, html};

use super::{
    Shown,
    frame::{Page, others},
    guest::Guest,
    language::Language,
    summary,
};
use crate::{
    app::{App, Shared},
    problem::Problem,
    refused,
};

pub(crate) async fn show(State(app): Shared, guest: Guest) -> Shown {
    let language = guest.language(&app);
    let id = guest.parameter("orderId").and_then(|it| it.parse::<RetrievalId>().ok());
    let signature = guest.parameter("signature").unwrap_or_default();
    let is_signed = |it: &RetrievalId| app.page_key.is_order_signature(&it.to_string(), signature);
    let found = match id.filter(is_signed) {
        Some(id) => order(&app, id).await?,
        None => None,
    };
    let title = language.say("complete.title");
    let received = id.map(|it| it.to_string());
    let content = html! {
        div.card {
            h1 { (title) }
            @if let Some(received) = &received {
                p { strong { (language.say_of("complete.received", &[("order", received)])) } }
            }
            @if let Some((order, shop)) = &found {
                (state_of(language, order, shop))
            }
        }
    };
    let aside = found
        .as_ref()
        .and_then(|(order, _)| Some(summary::of_order(language, order, &order.totals().ok()?)));
    let page = Page::new(language, title, content);
    let link = |tag: &str| {
        let id = received.as_deref().unwrap_or_default();
        let signature = found.as_ref().map(|_| format!("&signature={signature}"));
        format!("/order-complete?orderId={id}{}&lang={tag}", signature.unwrap_or_default())
    };
    let others = others(&app.settings.checkout.languages, language, link);
    let shop = found.as_ref().map(|(_, shop)| shop);
    Ok(Page { shop, others, aside, ..page }.show(&guest))
}

async fn order(app: &App, id: RetrievalId) -> Result<Option<(Order, Shop)>, Problem> {
    let no = app.reads().order_by_retrieval(id).await.map_err(refused::store)?;
    let Some(no) = no else { return Ok(None) };
    let order = app.reads().order(no).await.map_err(refused::store)?;
    let shop = app.reads().shop(id.store).await.map_err(refused::store)?;
    Ok(order.zip(shop))
}

/// Where it stands in plain words, and what comes next.
fn state_of(language: &Language, order: &Order, shop: &Shop) -> Markup {
    let (state, next) = match (order.status, order.shipping_status) {
        (Status::Cancelled, _) => ("state.cancelled", "next.done"),
        (Status::Delivered, _) => ("state.delivered", "next.done"),
        (Status::Shipped, _) => ("state.shipped", "next.shipped"),
        (Status::Pending | Status::Confirmed, ShippingStatus::PartiallyShipped) => {
            ("state.partially_shipped", "next.confirmed")
        }
        (Status::Pending | Status::Confirmed, _) => match order.payment_status() {
            PaymentStatus::Unpaid => ("state.confirmed_unpaid", "next.confirmed"),
            PaymentStatus::Authorized
            | PaymentStatus::Paid
            | PaymentStatus::PartiallyRefunded
            | PaymentStatus::Refunded => ("state.confirmed_paid", "next.confirmed"),
        },
    };
    let placed = language.date(order.created_at, shop.zone());
    html! {
        p { (language.say_of("complete.placed", &[("date", &placed)])) }
        p { (language.say(state)) }
        h2 { (language.say("complete.next")) }
        p { (language.say(next)) }
    }
}
