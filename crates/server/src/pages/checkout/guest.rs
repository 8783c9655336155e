//! One request for a page of the checkout: which cart, in which language, from which browser.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, Uri, request::Parts},
};
use domain::{CartId, StoreId, country::Country};

use super::{
    language::Language,
    seal::{self, PageKey, Session},
};
use crate::{
    app::App,
    body::{form_pairs, read_form},
    problem::Problem,
    request_id::RequestId,
};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

pub(crate) struct Guest {
    pub(super) uri: Uri,
    pub(super) request_id: String,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    session: Session,
}

impl FromRequestParts<Arc<App>> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Guest, Problem> {
        app.limiter.admit(None, &parts.extensions)?;
        let request_id: RequestId =
            parts.extensions.get().cloned().ok_or_else(Problem::internal)?;
        let headers = std::mem::take(&mut parts.headers);
        let session = Session::of(&headers, |bytes| app.engine.ids().fill(bytes));
        Ok(Guest {
            uri: parts.uri.clone(),
            request_id: request_id.as_str().into(),
            query: parts.uri.query().and_then(form_pairs).unwrap_or_default(),
            headers,
            session,
        })
    }
}

/// What names a cart in the address of a page.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) store: StoreId,
    pub(super) cart: CartId,
    pub(super) country: Option<Country>,
    /// The language that the address asks for.
    pub(super) language: Option<String>,
}

/// A form's fields. Of two of one name the first counts.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Guest {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    pub(super) fn language<'a>(&self, app: &'a App) -> &'a Language {
        app.settings.checkout.languages.choose(self.parameter("lang"), &self.headers)
    }

    /// The cart that the address names, if it can be one.
    pub(super) fn named(&self, app: &App) -> Option<Named> {
        let chosen = self.language(app);
        let asked = self.parameter("lang").map(|_| chosen.tag().to_owned());
        Some(Named { language: asked, ..Named::by(&self.query)? })
    }

    /// The fields of a form that was sent; none if it is no form.
    pub(super) async fn form(&self, body: Body) -> Result<Form, Problem> {
        Ok(Form(read_form(&self.headers, body).await?.unwrap_or_default()))
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Whether the form stands on a page of ours.
    pub(super) fn has_sent(&self, key: &PageKey, form: &Form, about: &str) -> bool {
        let token = form.text("token").unwrap_or_default();
        seal::is_ours(key, &self.headers, &self.uri, about, token)
    }

    /// Whether the browser came over TLS, as far as it can be seen from here.
    pub(super) fn is_secure(&self) -> bool {
        let told = self.headers.get(X_FORWARDED_PROTO);
        told.is_some_and(|it| it == "https") || self.uri.scheme_str() == Some("https")
    }
}

fn first<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
}

impl Named {
    /// By a query, in whatever language.
    fn by(query: &[(String, String)]) -> Option<Named> {
        Some(Named {
            store: first(query, "store")?.parse().ok()?,
            cart: first(query, "tempCartUUID")?.parse().ok()?,
            country: first(query, "country").and_then(Country::parse),
            language: None,
        })
    }

    /// The cart of a page of ours, by its link.
    pub(super) fn of_link(link: &str) -> Option<Named> {
        Named::by(&form_pairs(link.split_once('?')?.1)?)
    }

    /// A page of this cart. All that is in it is plain.
    pub(super) fn link(&self, page: &str) -> String {
        let Named { store, cart, country, language } = self;
        let mut link = format!("{page}?store={store}&tempCartUUID={cart}");
        if let Some(country) = country {
            link.push_str(&format!("&country={country}"));
        }
        if let Some(language) = language {
            link.push_str(&format!("&lang={language}"));
        }
        link
    }

    pub(super) fn in_language(&self, tag: &str) -> Named {
        Named { language: Some(tag.into()), ..self.clone() }
    }
}

impl Form {
    /// What somebody has written into a field; nothing but spaces is nothing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.trim()).filter(|it| !it.is_empty())
    }

    pub(super) fn put(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.push((name.into(), value.into()));
        }
    }
}
