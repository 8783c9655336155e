//! `/checkout/payment`: how it is paid, and then the order.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Money,
    cart::{
        order::OrderCart,
        outside::Outside,
        pricing::{self, Priced},
        temp,
    },
    order::PaymentMethod,
};
use maud::{Markup, html};

use super::{
    Shown,
    cart::{Opened, Step, gone, open},
    delivery::{elsewhere, told},
    faults::{Fault, of_rejected},
    frame::see,
    guest::{Form, Guest},
    language::Language,
    submit, wait,
};
use crate::app::{App, Shared};

pub(crate) async fn show(State(app): Shared, guest: Guest) -> Shown {
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if let Some(elsewhere) = elsewhere(&opened).or_else(|| undelivered(&opened)) {
        return Ok(see(&elsewhere));
    }
    Ok(render(&app, &guest, &opened, None, &[]))
}

pub(crate) async fn order(State(app): Shared, guest: Guest, body: Body) -> Shown {
    let form = guest.form(body).await?;
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if !guest.has_sent(&app.page_key, &form, opened.cart.key.id.as_str()) {
        return Ok(opened.stale(&app, &guest));
    }
    if let Some(elsewhere) = elsewhere(&opened).or_else(|| undelivered(&opened)) {
        return Ok(see(&elsewhere));
    }
    let language = guest.language(&app);
    let Some(method) = chosen(&app, &opened.priced(), &form) else {
        let fault = Fault::about("payment-0", language.say("error.choose_payment"));
        return Ok(render(&app, &guest, &opened, None, &[fault]));
    };
    let command = Command::OrderCart(Box::new(OrderCart {
        cart: temp::key(opened.named.cart.clone()),
        outside: Outside::Nothing,
        store: None,
        delivery_method: None,
        payment_method: method,
        person: Box::default(),
        email: None,
        metadata: [].into(),
        total: Some(shown_total(&form)),
    }));
    // A second click finds the cart consumed, and comes to the same order.
    if let Err(rejected) = submit(&app, &guest.request_id, command).await {
        let Some(now) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
        if let Some(elsewhere) = elsewhere(&now) {
            return Ok(see(&elsewhere));
        }
        let faults = of_rejected(language, &rejected)?;
        return Ok(render(&app, &guest, &now, Some(method), &faults));
    }
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    wait::begin_payment(&app, &guest, &opened).await
}

/// What the form was made for. A total that nobody was shown is none that can be right.
fn shown_total(form: &Form) -> Money {
    Money(form.text("total").and_then(|it| it.parse().ok()).unwrap_or(-1))
}

/// Where a buyer belongs whose goods have no way yet.
fn undelivered(opened: &Opened) -> Option<String> {
    let needs_way = pricing::requires_shipping(&opened.cart, &opened.world);
    let offers = pricing::offers(&opened.cart, &opened.world);
    let method = opened.cart.contents.delivery_method.as_ref();
    let suits = offers.iter().any(|it| Some(&it.method.id) == method);
    (needs_way && !suits).then(|| opened.named.link(Step::Delivery.path()))
}

/// What is offered: paid at once only where the provider has a page for it.
fn methods(app: &App) -> impl Iterator<Item = PaymentMethod> {
    let has_page = app.engine.has_hosted_page();
    let all = app.settings.checkout.payment_methods.iter().copied();
    all.filter(move |it| has_page || !it.is_prepaid())
}

/// Where nothing is to be paid, any method will do.
fn chosen(app: &App, priced: &Priced, form: &Form) -> Option<PaymentMethod> {
    if priced.total == Money::ZERO {
        return Some(PaymentMethod::CashOnDelivery);
    }
    let asked = form.text("payment").and_then(PaymentMethod::parse)?;
    methods(app).find(|it| *it == asked)
}

fn render(
    app: &App,
    guest: &Guest,
    opened: &Opened,
    chosen: Option<PaymentMethod>,
    faults: &[Fault],
) -> Response {
    let language = guest.language(app);
    let priced = opened.priced();
    let offered: Vec<PaymentMethod> = methods(app).collect();
    let is_free = priced.total == Money::ZERO;
    let content = html! {
        (told(language, opened))
        (way(language, opened))
        @if offered.is_empty() && !is_free {
            p.fault { (language.say("payment.none")) }
        } @else {
            form method="post" action=(opened.named.link(Step::Payment.path())) {
                (opened.token(app, guest))
                input type="hidden" name="total" value=(priced.total.0);
                @if is_free {
                    p { (language.say("payment.nothing")) }
                } @else {
                    fieldset {
                        legend { (language.say("step.payment")) }
                        @for (index, method) in offered.iter().enumerate() {
                            (choice(language, index, *method, chosen.or(offered.first().copied())))
                        }
                    }
                }
                p.due {
                    span { (language.say("summary.total")) }
                    span.amount { (language.money(priced.total, priced.currency)) }
                }
                p.small { (language.say("payment.binding")) }
                button.button type="submit" { (language.say("payment.place")) }
            }
        }
    };
    opened.step(app, guest, Step::Payment, faults, content)
}

fn choice(
    language: &Language,
    index: usize,
    method: PaymentMethod,
    chosen: Option<PaymentMethod>,
) -> Markup {
    let name = format!("method.{}", method.name());
    let hint = format!("{name}_hint");
    html! {
        label.choice for={ "payment-" (index) } {
            input id={ "payment-" (index) } type="radio" name="payment" value=(method.name())
                checked[chosen == Some(method)] required;
            span {
                (language.say(&name))
                span.small { (language.say(&hint)) }
            }
        }
    }
}

/// The way of delivery that was chosen.
fn way(language: &Language, opened: &Opened) -> Markup {
    let chosen = opened.cart.contents.delivery_method.as_ref();
    let method = chosen.and_then(|it| opened.world.delivery_methods.get(it));
    html! {
        @if let Some(method) = method {
            dl.told {
                div {
                    dt { (language.say("payment.by")) }
                    dd {
                        (method.name) " "
                        a href=(opened.named.link(Step::Delivery.path())) {
                            (language.say("step.change"))
                        }
                    }
                }
            }
        }
    }
}
