//! What all pages for buyers share: the frame, the policy that goes with it, and how a form begins.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use domain::shop::Shop;
use maud::{DOCTYPE, Markup, html};
use url::Url;

use super::{
    guest::Guest,
    language::{Language, Languages},
    seal::PageKey,
};
use crate::pages::guarded;

/// A page before it has its frame.
pub(super) struct Page<'a> {
    pub(super) status: StatusCode,
    pub(super) language: &'a Language,
    pub(super) title: &'a str,
    pub(super) shop: Option<&'a Shop>,
    /// Where a buyer goes who does not want to go on.
    pub(super) way_out: Option<Url>,
    /// Where the buyer may come to from a form of this page, other than here.
    pub(super) leads_to: Option<&'a Url>,
    /// The same page in other languages.
    pub(super) others: Vec<Other<'a>>,
    /// Seconds until it is looked at again.
    pub(super) refresh_s: Option<u32>,
    pub(super) content: Markup,
    /// Beside the content.
    pub(super) aside: Option<Markup>,
}

impl<'a> Page<'a> {
    pub(super) fn new(language: &'a Language, title: &'a str, content: Markup) -> Page<'a> {
        Page {
            status: StatusCode::OK,
            language,
            title,
            shop: None,
            way_out: None,
            leads_to: None,
            others: Vec::new(),
            refresh_s: None,
            content,
            aside: None,
        }
    }

    pub(super) fn show(self, guest: &Guest) -> Response {
        let policy = policy(self.leads_to);
        let (status, markup) = (self.status, self.markup());
        let mut response = guarded(markup, policy);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Without it browsers do not tell where a form stands.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        if let Some(cookie) = guest.session().cookie(guest.is_secure()) {
            headers.insert(SET_COOKIE, cookie);
        }
        response
    }

    fn markup(self) -> Markup {
        let Page { language, title, shop, way_out, others, refresh_s, content, aside, .. } = self;
        let name = shop.map_or_else(|| language.say("page.checkout"), |it| it.name.as_str());
        let columns = if aside.is_some() { "columns" } else { "columns single" };
        html! {
            (DOCTYPE)
            html lang=(language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    @if let Some(seconds) = refresh_s {
                        meta http-equiv="refresh" content=(seconds);
                    }
                    title { (title) " – " (name) }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href="/docs/assets/checkout.css";
                }
                body {
                    @if shop.is_some_and(|it| it.test) {
                        p.notice { (language.say("page.test")) }
                    }
                    header.bar {
                        div.bar-inside {
                            span.shop { (name) }
                            @if let Some(way_out) = &way_out {
                                a href=(way_out) rel="noreferrer" { (language.say("page.back")) }
                            }
                        }
                    }
                    div class=(columns) {
                        main { (content) }
                        @if let Some(aside) = aside { (aside) }
                    }
                    @if !others.is_empty() {
                        nav.foot aria-label=(language.say("page.language")) {
                            @for Other { language, link } in others.iter() {
                                a href=(link) lang=(language.tag()) hreflang=(language.tag()) {
                                    (language.say("language.name"))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A page in a language that it is not shown in.
pub(super) struct Other<'a> {
    language: &'a Language,
    link: String,
}

pub(super) fn others<'a>(
    languages: &'a Languages,
    shown: &Language,
    link: impl Fn(&str) -> String,
) -> Vec<Other<'a>> {
    let others = languages.all().iter().filter(|it| *it != shown);
    others.map(|language| Other { language, link: link(language.tag()) }).collect()
}

/// A redirect after which a reload sends nothing again.
pub(super) fn see(link: &str) -> Response {
    let Ok(link) = HeaderValue::from_str(link) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let to = [(LOCATION, link), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, to).into_response()
}

/// The seal of a form.
pub(super) fn token(key: &PageKey, guest: &Guest, about: &str) -> Markup {
    html! { input type="hidden" name="token" value=(key.form_token(guest.session(), about)); }
}

/// Nothing but what stands here. A browser minds the policy of a form on the way of its redirects
/// too, so the page that a buyer comes to in the end is named.
fn policy(leads_to: Option<&Url>) -> HeaderValue {
    let origin = leads_to.map(|it| it.origin().ascii_serialization()).unwrap_or_default();
    let text = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
         form-action 'self' {origin}; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
