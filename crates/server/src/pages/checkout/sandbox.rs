//! `/sandbox/pay/{secret}`: the page on which a buyer pays while the sandbox is the provider. It
//! stands in for a provider's own, and says so.

use axum::{
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::payment::IntentState;
use engine::payment::{IntentRecord, sandbox::SandboxError};
use maud::html;

use super::{
    Shown,
    cart::{Opened, open_named},
    frame::{Page, others, see, token},
    guest::{Guest, Named},
};
use crate::{
    app::{App, Shared},
    problem::Problem,
    refused,
};

const ACTIONS: [&str; 3] = ["pay", "decline", "process"];

pub(crate) async fn show(State(app): Shared, Path(secret): Path<String>, guest: Guest) -> Shown {
    let Some((record, back)) = opened(&app, &guest, &secret)? else {
        return Ok(missing(&app, &guest));
    };
    let Some(cart) = cart_of(&app, &back).await? else { return Ok(missing(&app, &guest)) };
    Ok(render(&app, &guest, &secret, &record, &back, &cart))
}

pub(crate) async fn act(
    State(app): Shared,
    Path(secret): Path<String>,
    guest: Guest,
    body: Body,
) -> Shown {
    let form = guest.form(body).await?;
    let Some((record, back)) = opened(&app, &guest, &secret)? else {
        return Ok(missing(&app, &guest));
    };
    let Some(sandbox) = &app.sandbox else { return Ok(missing(&app, &guest)) };
    let about = record.news.intent.as_str();
    if !guest.has_sent(&app.page_key, &form, about) {
        return Ok(see(&here(&secret, &back)));
    }
    let (customer, intent) = (sandbox.customer(), &record.news.intent);
    let done = match form.text("action") {
        Some("pay") => customer.confirm(intent),
        Some("decline") => customer.decline(intent),
        Some("process") => customer.processing(intent),
        Some(_) | None => Ok(record.clone()),
    };
    match done {
        // What can't be done any more has been done before: the page that waits knows more.
        Ok(_) | Err(SandboxError::Impossible(_) | SandboxError::Unknown) => Ok(see(&back)),
        Err(SandboxError::Unavailable(why)) => {
            tracing::warn!(why, "the payment sandbox did not answer");
            Err(refused::provider_unavailable("The payment sandbox can't be reached"))
        }
    }
}

/// The intent that the secret opens, and the page to come back to.
fn opened(
    app: &App,
    guest: &Guest,
    secret: &str,
) -> Result<Option<(IntentRecord, String)>, Problem> {
    let Some(sandbox) = &app.sandbox else { return Ok(None) };
    let back = guest.parameter("back").filter(|it| is_back(it));
    match sandbox.customer().opened_by(secret) {
        Ok(record) => Ok(back.map(|back| (record, back.to_owned()))),
        Err(SandboxError::Unknown | SandboxError::Impossible(_)) => Ok(None),
        Err(SandboxError::Unavailable(why)) => {
            tracing::warn!(why, "the payment sandbox did not answer");
            Err(refused::provider_unavailable("The payment sandbox can't be reached"))
        }
    }
}

/// The cart whose order waits. Its buyer may come to the shop's page from here at once.
async fn cart_of(app: &App, back: &str) -> Result<Option<Opened>, Problem> {
    match Named::of_link(back) {
        Some(named) => open_named(app, named).await,
        None => Ok(None),
    }
}

/// The page that waits for a cart's order, and nothing else.
fn is_back(link: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"/?&=._-".contains(&it);
    link.starts_with("/checkout/wait?") && link.bytes().all(is_plain)
}

fn here(secret: &str, back: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encoded = |it: &str| utf8_percent_encode(it, NON_ALPHANUMERIC).to_string();
    format!("/sandbox/pay/{}?back={}", encoded(secret), encoded(back))
}

fn missing(app: &App, guest: &Guest) -> Response {
    let language = guest.language(app);
    let title = language.say("missing.title");
    let page = Page::new(language, title, html! { div.card { h1 { (title) } } });
    Page { status: StatusCode::NOT_FOUND, ..page }.show(guest)
}

fn render(
    app: &App,
    guest: &Guest,
    secret: &str,
    record: &IntentRecord,
    back: &str,
    cart: &Opened,
) -> Response {
    let language = guest.language(app);
    let news = &record.news;
    let title = language.say("sandbox.title");
    let can_act = match news.state {
        IntentState::Open | IntentState::Declined | IntentState::Processing => true,
        IntentState::Authorized | IntentState::Succeeded | IntentState::Cancelled => false,
    };
    let content = html! {
        p.test role="note" { (language.say("sandbox.banner")) }
        div.card {
            h1 { (title) }
            p { (language.say("sandbox.text")) }
            dl.told {
                div {
                    dt { (language.say("sandbox.amount")) }
                    dd { strong { (language.money(news.amount, news.currency)) } }
                }
                div {
                    dt { (language.say("sandbox.state")) }
                    dd { (news.state.name()) }
                }
            }
            @if can_act {
                form.buttons method="post" action=(here(secret, back)) {
                    (token(&app.page_key, guest, news.intent.as_str()))
                    @for action in ACTIONS {
                        button type="submit" name="action" value=(action)
                            class=(if action == "pay" { "button" } else { "button quiet" }) {
                            (language.say(&format!("sandbox.{action}")))
                        }
                    }
                }
            }
            p { a href=(back) { (language.say("sandbox.return")) } }
        }
    };
    let page = Page::new(language, title, content);
    let link = |tag: &str| format!("{}&lang={tag}", here(secret, back));
    let thanks = cart.thanks();
    let page = Page {
        shop: Some(&cart.shop),
        leads_to: thanks.as_ref(),
        others: others(&app.settings.checkout.languages, language, link),
        ..page
    };
    page.show(guest)
}
