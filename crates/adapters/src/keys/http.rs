//! Keys at an address of the issuer's own.

use reqwest::{Client, Url};

use super::{
    ANSWER_TIMEOUT, DOCUMENT_BYTES_MAX, KeySource, KeysUnavailable, PublicKey, Published, document,
};
use crate::http::{self, BodyError};

#[derive(Debug)]
pub struct HttpKeys {
    client: Client,
    url: Url,
}

impl HttpKeys {
    /// An address that others could answer for is refused: what it says decides who comes in. Plain
    /// HTTP is for the machine itself.
    pub fn new(url: &str) -> Result<HttpKeys, String> {
        let url = Url::parse(url).map_err(|error| format!("{url:?} is no address: {error}"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(format!("{url} must begin with https://"));
        }
        let client = http::client(&url)?;
        Ok(HttpKeys { client, url })
    }

    async fn ask(&self) -> Result<Vec<PublicKey>, KeysUnavailable> {
        let asked = self.client.get(self.url.clone()).timeout(ANSWER_TIMEOUT).send().await;
        let answer = asked.map_err(|error| KeysUnavailable(http::in_words(&error)))?;
        if !answer.status().is_success() {
            return Err(KeysUnavailable(format!("{} answers {}", self.url, answer.status())));
        }
        let body = http::body(answer, DOCUMENT_BYTES_MAX).await;
        let text = body.map_err(|error| match error {
            BodyError::Broken(why) => KeysUnavailable(why),
            BodyError::TooLarge => KeysUnavailable(format!("more than {DOCUMENT_BYTES_MAX} bytes")),
        })?;
        document::parse(&text)
    }
}

impl KeySource for HttpKeys {
    fn keys(&self) -> Published<'_> {
        Box::pin(self.ask())
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
}
