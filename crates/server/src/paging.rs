//! Pages of lists in the order of a key: what a query asks for, and where the next page begins.

use std::str::FromStr;

use axum::{
    http::{HeaderValue, Uri, header::LINK},
    response::Response,
};
use serde::Serialize;

use crate::{
    cursor::{self, Binding, Part},
    query::Query,
    reply::document,
};

/// The rows after a key.
pub(crate) struct Wanted<K> {
    pub(crate) after: Option<K>,
    limit: u32,
    binding: Binding,
}

impl<K> Wanted<K> {
    pub(crate) fn read(
        query: &mut Query<'_>,
        list: &str,
        key: impl FnOnce(&Part) -> Option<K>,
    ) -> Option<Wanted<K>> {
        let binding = query.binding(list);
        let after = query.cursor(binding).and_then(|position| match &position[..] {
            [part] => key(part),
            _ => None,
        });
        Some(Wanted { after, limit: query.limit(), binding })
    }

    /// One more than the page shows: whether it is there tells whether there is a next page.
    pub(crate) fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// Leaves the rows of the page; the cursor of the next one.
    pub(crate) fn cut<T>(&self, rows: &mut Vec<T>, key: impl FnOnce(&T) -> Part) -> Option<String> {
        let limit = self.limit as usize;
        let there_is_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| there_is_more)?;
        Some(cursor::encode(self.binding, &[key(last)]))
    }
}

/// A key that is an id.
pub(crate) fn id<K: FromStr>(part: &Part) -> Option<K> {
    match part {
        Part::Text(text) => text.parse().ok(),
        Part::Number(_) => None,
    }
}

/// The page, with the address of the next one.
pub(crate) fn page(page: &impl Serialize, uri: &Uri, next_cursor: Option<&str>) -> Response {
    let mut response = document(page, None, None);
    if let Some(link) = next_cursor.and_then(|cursor| next_link(uri, cursor)) {
        response.headers_mut().insert(LINK, link);
    }
    response
}

/// The address of the next page: this one's, with another cursor (RFC 8288).
fn next_link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let others = uri.query().unwrap_or_default().split('&');
    let mut parameters: Vec<&str> =
        others.filter(|it| !it.is_empty() && !it.starts_with("cursor=")).collect();
    let cursor = format!("cursor={cursor}");
    parameters.push(&cursor);
    let query = parameters.join("&");
    HeaderValue::try_from(format!("<{}?{query}>; rel=\"next\"", uri.path())).ok()
}
