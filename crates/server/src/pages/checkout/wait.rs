//! `/checkout/wait`: from the placed order to the complete one, and then on to the shop. The page
//! looks again by itself; its link can be kept for later.

use axum::{body::Body, extract::State, response::Response};
use domain::{Order, OrderNo, cart::CartStatus, order::Status, payment::PaymentState};
use maud::html;

use super::{
    Shown, actor,
    cart::{Opened, WAIT, gone, open},
    frame::see,
    guest::Guest,
};
use crate::{
    api::orders::mark_paid,
    app::{App, Shared},
    problem::Problem,
    refused,
};

/// How long a page rests before it looks again.
const REFRESH_S: u32 = 4;
const REFRESH_SLOWLY_S: u32 = 60;

pub(crate) async fn show(State(app): Shared, guest: Guest) -> Shown {
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    let Some(order) = placed(&app, &guest, &opened).await? else {
        return Ok(see(&opened.named.link("/checkout")));
    };
    Ok(render(&app, &guest, &opened, &order, false))
}

/// The buyer wants to pay, again perhaps.
pub(crate) async fn pay(State(app): Shared, guest: Guest, body: Body) -> Shown {
    let form = guest.form(body).await?;
    let Some(opened) = open(&app, &guest).await? else { return Ok(gone(&app, &guest)) };
    if !guest.has_sent(&app.page_key, &form, opened.cart.key.id.as_str()) {
        return Ok(opened.stale(&app, &guest));
    }
    begin_payment(&app, &guest, &opened).await
}

/// To the provider's page, if the order waits for its money; else to the page that waits.
pub(super) async fn begin_payment(app: &App, guest: &Guest, opened: &Opened) -> Shown {
    let wait = opened.named.link(WAIT);
    let Some(order) = placed(app, guest, opened).await? else {
        return Ok(see(&opened.named.link("/checkout")));
    };
    if stage(&order) != Stage::Payable && stage(&order) != Stage::Declined {
        return Ok(see(&wait));
    }
    let secret = app.client_secret(order.no, actor(), &guest.request_id).await;
    let page = match &secret {
        Ok(secret) => secret.as_ref().and_then(|it| app.engine.hosted_page(it, &wait)),
        Err(problem) => {
            tracing::warn!(order = %order.no, code = problem.code(), "no payment could be begun");
            return Ok(render(app, guest, opened, &order, true));
        }
    };
    Ok(see(&page.unwrap_or(wait)))
}

/// The order that the cart has become, as it stands after the provider was asked. Only the provider
/// says that it is paid.
async fn placed(app: &App, guest: &Guest, opened: &Opened) -> Result<Option<Order>, Problem> {
    let Some(no) = opened.cart.order.filter(|_| opened.cart.status == CartStatus::Ordered) else {
        return Ok(None);
    };
    let Some(order) = read(app, no).await? else { return Ok(None) };
    if order.status != Status::Pending {
        return Ok(Some(order));
    }
    mark_paid::look(app, &order, actor(), &guest.request_id).await;
    read(app, no).await
}

async fn read(app: &App, no: OrderNo) -> Result<Option<Order>, Problem> {
    app.reads().order(no).await.map_err(refused::store)
}

/// How far an order is, as its buyer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Complete,
    Cancelled,
    /// The buyer can pay, and may be doing so.
    Payable,
    Declined,
    Processing,
    /// Something is there, and it is not what was asked for.
    Checked,
}

fn stage(order: &Order) -> Stage {
    if order.retrieval_no.is_some() {
        return Stage::Complete;
    }
    match order.status {
        Status::Cancelled => Stage::Cancelled,
        Status::Confirmed | Status::Shipped | Status::Delivered => Stage::Complete,
        Status::Pending => match order.payments.last().map(|it| it.status) {
            None | Some(PaymentState::Open) => Stage::Payable,
            Some(PaymentState::Failed | PaymentState::Cancelled) => Stage::Declined,
            Some(PaymentState::Processing) => Stage::Processing,
            Some(PaymentState::Authorized | PaymentState::Captured) => Stage::Checked,
        },
    }
}

fn render(app: &App, guest: &Guest, opened: &Opened, order: &Order, has_failed: bool) -> Response {
    if let Some(id) = order.retrieval_id() {
        return see(&opened.destination(app, &id.to_string()));
    }
    let language = guest.language(app);
    let stage = stage(order);
    let has_intent = order.payments.iter().any(|it| it.intent.is_some());
    let (title, text, button, refresh_s) = match stage {
        Stage::Complete | Stage::Checked => {
            ("wait.title", "wait.checking", None, Some(REFRESH_SLOWLY_S))
        }
        Stage::Cancelled => ("wait.cancelled_title", "wait.cancelled", None, None),
        Stage::Payable if has_intent => {
            ("wait.title", "wait.open", Some("wait.pay"), Some(REFRESH_S))
        }
        Stage::Payable => ("wait.title", "wait.unstarted", Some("wait.pay"), None),
        Stage::Declined => ("wait.title", "wait.declined", Some("wait.again"), None),
        Stage::Processing => ("wait.title", "wait.processing", None, Some(REFRESH_SLOWLY_S)),
    };
    let no = order.no.to_string();
    let link = opened.named.link(WAIT);
    let content = html! {
        div.card {
            h1 { (language.say(title)) }
            @if has_failed {
                p.fault role="alert" { (language.say("wait.failed")) }
            }
            p role="status" { (language.say_of(text, &[("order", &no)])) }
            @if stage != Stage::Cancelled {
                p.small {
                    (language.say("wait.link")) " "
                    a.link href=(link) { (language.say("wait.refresh")) }
                }
            }
            @if let Some(button) = button {
                form method="post" action=(opened.named.link("/checkout/pay")) {
                    (opened.token(app, guest))
                    button.button type="submit" { (language.say(button)) }
                }
            }
        }
    };
    let refresh_s = refresh_s.filter(|_| !has_failed);
    opened.told(app, guest, language.say(title), refresh_s, content)
}
