//! The cart that a page is about, with what it is priced by.

use axum::{http::StatusCode, response::Response};
use domain::{
    Currency, Keys, World,
    cart::{
        Cart, pricing,
        pricing::Priced,
        temp::{self, Temp},
    },
    shop::Shop,
};
use maud::{Markup, html};
use url::Url;

use super::{
    destination::{page_of, with_order},
    faults::{Fault, faults_box},
    frame::{Page, others, token},
    guest::{Guest, Named},
    language::Language,
    summary,
};
use crate::{app::App, problem::Problem, refused};

pub(super) const WAIT: &str = "/checkout/wait";

pub(super) struct Opened {
    pub(super) named: Named,
    pub(super) cart: Cart,
    pub(super) world: World,
    pub(super) shop: Shop,
}

/// The cart that the address names, if it is there and of that store.
pub(super) async fn open(app: &App, guest: &Guest) -> Result<Option<Opened>, Problem> {
    match guest.named(app) {
        Some(named) => open_named(app, named).await,
        None => Ok(None),
    }
}

pub(super) async fn open_named(app: &App, named: Named) -> Result<Option<Opened>, Problem> {
    let key = temp::key(named.cart.clone());
    let mut keys = Keys::default();
    keys.carts.insert(key.clone());
    let found = app.reads().cart_facts(keys).await.map_err(refused::store)?;
    let now = app.engine.clock().now();
    let cart = found.carts.get(&key).filter(|it| it.is_there(now) && it.temp.is_some());
    let Some(cart) = cart.filter(|it| it.store == named.store).cloned() else { return Ok(None) };
    let mut keys = Keys { every_delivery_method: true, ..Keys::default() };
    cart.keys(&mut keys);
    let world = app.reads().cart_facts(keys).await.map_err(refused::store)?;
    let Some(shop) = world.stores.get(&cart.store).cloned() else { return Ok(None) };
    Ok(Some(Opened { named, cart, world, shop }))
}

/// There is no such cart, or none any more.
pub(super) fn gone(app: &App, guest: &Guest) -> Response {
    let language = guest.language(app);
    let content = html! {
        div.card {
            h1 { (language.say("gone.title")) }
            p { (language.say("gone.text")) }
        }
    };
    let page = Page::new(language, language.say("gone.title"), content);
    Page { status: StatusCode::NOT_FOUND, ..page }.show(guest)
}

impl Opened {
    pub(super) fn temp(&self) -> Option<&Temp> {
        self.cart.temp.as_deref()
    }

    pub(super) fn priced(&self) -> Priced {
        pricing::price(&self.cart, &self.world)
    }

    pub(super) fn currency(&self) -> Currency {
        self.shop.currency
    }

    /// Where the buyer goes who has bought, without the order's id: the cart's own page, else the
    /// store's. One that is not the shop's any more counts for nothing.
    pub(super) fn thanks(&self) -> Option<Url> {
        let own = self.temp().and_then(|it| it.confirmation_url.as_deref());
        let allowed = |it: &str| page_of(&self.shop, it).ok();
        own.and_then(allowed).or_else(|| self.shop.success_url.as_deref().and_then(allowed))
    }

    /// Where the buyer of a complete order goes.
    pub(super) fn destination(&self, app: &App, id: &str) -> String {
        match self.thanks() {
            Some(page) => with_order(page, id).into(),
            None => {
                let signature = app.page_key.order_signature(id);
                let language = self.named.language.as_ref();
                let language = language.map(|it| format!("&lang={it}")).unwrap_or_default();
                format!("/order-complete?orderId={id}&signature={signature}{language}")
            }
        }
    }

    fn way_out(&self) -> Option<Url> {
        let shop = self.temp().and_then(|it| it.continue_url.as_deref());
        shop.and_then(|it| page_of(&self.shop, it).ok())
    }

    /// The seal of the forms about this cart.
    pub(super) fn token(&self, app: &App, guest: &Guest) -> Markup {
        token(&app.page_key, guest, self.cart.key.id.as_str())
    }

    /// A step of the checkout, with the order beside it.
    pub(super) fn step(
        &self,
        app: &App,
        guest: &Guest,
        step: Step,
        faults: &[Fault],
        content: Markup,
    ) -> Response {
        let language = guest.language(app);
        let title = language.say(step.title());
        let content = html! {
            (steps(language, step))
            h1 { (title) }
            (faults_box(language, faults))
            div.card { (content) }
        };
        let is_refused = !faults.is_empty();
        let status = if is_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        let languages = &app.settings.checkout.languages;
        let thanks = self.thanks();
        let link = |tag: &str| self.named.in_language(tag).link(step.path());
        let page = Page::new(language, title, content);
        let page = Page {
            status,
            shop: Some(&self.shop),
            way_out: self.way_out(),
            leads_to: thanks.as_ref(),
            others: others(languages, language, link),
            aside: Some(summary::of_cart(language, self, step == Step::Payment)),
            ..page
        };
        page.show(guest)
    }

    /// A page about the order that the cart has become.
    pub(super) fn told(
        &self,
        app: &App,
        guest: &Guest,
        title: &str,
        refresh_s: Option<u32>,
        content: Markup,
    ) -> Response {
        let languages = &app.settings.checkout.languages;
        let language = guest.language(app);
        let thanks = self.thanks();
        let link = |tag: &str| self.named.in_language(tag).link(WAIT);
        let page = Page::new(language, title, content);
        let page = Page {
            shop: Some(&self.shop),
            way_out: self.way_out(),
            leads_to: thanks.as_ref(),
            others: others(languages, language, link),
            refresh_s,
            ..page
        };
        page.show(guest)
    }

    /// A form did not come from a page of ours.
    pub(super) fn stale(&self, app: &App, guest: &Guest) -> Response {
        let language = guest.language(app);
        let content = html! {
            div.card {
                h1 { (language.say("stale.title")) }
                p { (language.say("stale.text")) }
                a.button href=(self.named.link("/checkout")) { (language.say("stale.link")) }
            }
        };
        let page = Page::new(language, language.say("stale.title"), content);
        Page { status: StatusCode::FORBIDDEN, shop: Some(&self.shop), ..page }.show(guest)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Address,
    Delivery,
    Payment,
}

impl Step {
    const ALL: [Step; 3] = [Step::Address, Step::Delivery, Step::Payment];

    fn name(self) -> &'static str {
        match self {
            Step::Address => "step.address",
            Step::Delivery => "step.delivery",
            Step::Payment => "step.payment",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Step::Address => "address.title",
            Step::Delivery => "delivery.title",
            Step::Payment => "payment.title",
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Step::Address => "/checkout",
            Step::Delivery => "/checkout/delivery",
            Step::Payment => "/checkout/payment",
        }
    }
}

fn steps(language: &Language, current: Step) -> Markup {
    html! {
        ol.steps {
            @for (index, step) in Step::ALL.into_iter().enumerate() {
                li aria-current=[(step == current).then_some("step")] {
                    (index + 1) ". " (language.say(step.name()))
                }
            }
        }
    }
}
