//! A cart service that is asked by `GET {url}/{cart_id}`.

use std::fmt;

use domain::CartId;
use reqwest::{Client, StatusCode, Url, header::ACCEPT};

use super::{Call, CartError, CartService, DOCUMENT_BYTES_MAX};
use crate::http::{self, BodyError};

pub struct HttpCarts {
    client: Client,
    /// It may hold a password, so nobody is shown it.
    url: Url,
}

impl HttpCarts {
    pub fn at(url: &str) -> Result<HttpCarts, String> {
        let url = http::address(url)?;
        Ok(HttpCarts { client: http::client(&url)?, url })
    }

    /// Nothing for a name that would lead elsewhere: in a path, dots alone are steps.
    fn address_of(&self, id: &CartId) -> Option<Url> {
        if matches!(id.as_str(), "." | "..") {
            return None;
        }
        let mut url = self.url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push(id.as_str());
        Some(url)
    }

    async fn ask(&self, id: &CartId) -> Result<Vec<u8>, CartError> {
        let url = self.address_of(id).ok_or(CartError::Unknown)?;
        let asked = self.client.get(url).header(ACCEPT, "application/json").send().await;
        let answer =
            asked.map_err(|error| CartError::Unavailable(http::in_words(&error.without_url())))?;
        let status = answer.status();
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(CartError::Unknown);
        }
        if status.is_server_error() || is_a_wait(status) {
            return Err(CartError::Unavailable(format!("it answers {status}")));
        }
        if status != StatusCode::OK {
            return Err(CartError::Unreadable(format!("it answers {status}")));
        }
        http::body(answer, DOCUMENT_BYTES_MAX).await.map_err(|error| match error {
            BodyError::Broken(why) => CartError::Unavailable(why),
            BodyError::TooLarge => {
                CartError::Unreadable(format!("more than {DOCUMENT_BYTES_MAX} bytes"))
            }
        })
    }
}

/// Whether the same request may do better later.
fn is_a_wait(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    )
}

impl CartService for HttpCarts {
    fn cart(&self, id: &CartId) -> Call<'_, Vec<u8>> {
        let id = id.clone();
        Box::pin(async move { self.ask(&id).await })
    }
}

impl fmt::Debug for HttpCarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCarts").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_step_of_the_path() {
        let check = |url: &str, id: &str, expected: Option<&str>| {
            let found = HttpCarts::at(url).unwrap().address_of(&id.parse().unwrap());
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{url} {id}");
        };
        check("http://shop", "abc123", Some("http://shop/abc123"));
        check("http://shop/", "abc123", Some("http://shop/abc123"));
        check("http://shop/a/carts", "a.b_c-D", Some("http://shop/a/carts/a.b_c-D"));
        check("http://shop/carts/", "...", Some("http://shop/carts/..."));
        check("http://shop/carts", ".", None);
        check("http://shop/carts", "..", None);
    }

    #[test]
    fn its_address_is_told_to_nobody() {
        let carts = HttpCarts::at("https://user:secret@example.com/key/carts").unwrap();
        assert_eq!(format!("{carts:?}"), r#"HttpCarts { host: Some("example.com"), .. }"#);
    }
}
