//! `/checkout/delivery`: how it gets there.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    cart::{
        CartStatus,
        pricing::{self, Offer},
    },
    delivery::DeliveryMethod,
};
use maud::{Markup, html};

use super::{
    Shown,
    address::{one_line, with_method},
    cart::{Opened, Step, WAIT, gone, open},
    faults::{Fault, of_rejected},
    frame::see,
    guest::Guest,
    language::Language,
    submit,
};
use crate::app::{App, Shared};

pub(crate) async fn show(State(app): Shared, guest: Guest) -> Shown {
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if let Some(elsewhere) = elsewhere(&opened) {
        return Ok(see(&elsewhere));
    }
    Ok(render(&app, &guest, &opened, &[]))
}

pub(crate) async fn put(State(app): Shared, guest: Guest, body: Body) -> Shown {
    let form = guest.form(body).await?;
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if !guest.has_sent(&app.page_key, &form, opened.cart.key.id.as_str()) {
        return Ok(opened.stale(&app, &guest));
    }
    if let Some(elsewhere) = elsewhere(&opened) {
        return Ok(see(&elsewhere));
    }
    let language = guest.language(&app);
    let offers = pricing::offers(&opened.cart, &opened.world);
    let asked = form.text("delivery");
    let chosen = offers.iter().find(|it| Some(it.method.id.as_str()) == asked);
    let Some(chosen) = chosen else {
        let fault = Fault::about("delivery-0", language.say("error.choose_delivery"));
        return Ok(render(&app, &guest, &opened, &[fault]));
    };
    let command = with_method(&opened, Some(chosen.method.id.clone()));
    if let Err(rejected) = submit(&app, &guest.request_id, command).await {
        let faults = of_rejected(language, &rejected)?;
        return Ok(render(&app, &guest, &opened, &faults));
    }
    Ok(see(&opened.named.link(Step::Payment.path())))
}

/// Where a buyer belongs who has not told an address yet, or has ordered already.
pub(super) fn elsewhere(opened: &Opened) -> Option<String> {
    if opened.cart.status == CartStatus::Ordered {
        return Some(opened.named.link(WAIT));
    }
    let has_address = opened.cart.contents.person.shipping_address.is_some();
    (!has_address).then(|| opened.named.link(Step::Address.path()))
}

fn render(app: &App, guest: &Guest, opened: &Opened, faults: &[Fault]) -> Response {
    let language = guest.language(app);
    let offers = pricing::offers(&opened.cart, &opened.world);
    let chosen = opened.cart.contents.delivery_method.as_ref();
    let chosen = offers.iter().position(|it| Some(&it.method.id) == chosen).unwrap_or(0);
    let content = html! {
        (told(language, opened))
        @if offers.is_empty() {
            p.fault { (language.say("delivery.none")) }
            a.button href=(opened.named.link(Step::Address.path())) {
                (language.say("step.change"))
            }
        } @else {
            form method="post" action=(opened.named.link(Step::Delivery.path())) {
                (opened.token(app, guest))
                fieldset {
                    legend { (language.say("step.delivery")) }
                    @for (index, offer) in offers.iter().enumerate() {
                        (choice(language, opened, index, offer, index == chosen))
                    }
                }
                button.button type="submit" { (language.say("delivery.continue")) }
            }
        }
    };
    opened.step(app, guest, Step::Delivery, faults, content)
}

fn choice(
    language: &Language,
    opened: &Opened,
    index: usize,
    offer: &Offer<'_>,
    is_chosen: bool,
) -> Markup {
    let free = offer.amount == domain::Money::ZERO;
    html! {
        label.choice for={ "delivery-" (index) } {
            input id={ "delivery-" (index) } type="radio" name="delivery"
                value=(offer.method.id) checked[is_chosen] required;
            span {
                (offer.method.name)
                @if let Some(days) = days(language, offer.method) {
                    span.small { (days) }
                }
            }
            span.amount {
                @if free {
                    (language.say("summary.free"))
                } @else {
                    (language.money(offer.amount, opened.currency()))
                }
            }
        }
    }
}

pub(super) fn days(language: &Language, method: &DeliveryMethod) -> Option<String> {
    let (from, to) = method.estimated_days?;
    let (from_text, to_text) = (from.to_string(), to.to_string());
    let values = [("from", from_text.as_str()), ("to", to_text.as_str())];
    let key = match (from, to) {
        (1, 1) => "delivery.day_one",
        (from, to) if from == to => "delivery.days_same",
        _ => "delivery.days",
    };
    Some(language.say_of(key, &values))
}

/// What was told so far, each with the way to change it.
pub(super) fn told(language: &Language, opened: &Opened) -> Markup {
    let person = &opened.cart.contents.person;
    let change = opened.named.link(Step::Address.path());
    html! {
        dl.told {
            @if let Some(email) = &person.contact.email {
                div {
                    dt { (language.say("field.email")) }
                    dd { (email) }
                }
            }
            @if let Some(address) = &person.shipping_address {
                div {
                    dt { (language.say("delivery.to")) }
                    dd {
                        (one_line(address)) " "
                        a href=(change) { (language.say("step.change")) }
                    }
                }
            }
        }
    }
}
