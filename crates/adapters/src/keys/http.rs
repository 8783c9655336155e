//! Keys at an address of the issuer's own.

use reqwest::{Client, Url, redirect::Policy};

use super::{
    ANSWER_TIMEOUT, DOCUMENT_BYTES_MAX, KeySource, KeysUnavailable, PublicKey, Published, document,
};

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
        // Whoever has installed a provider before keeps it.
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .redirect(Policy::none())
            .user_agent("orderd")
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        Ok(HttpKeys { client, url })
    }

    async fn ask(&self) -> Result<Vec<PublicKey>, KeysUnavailable> {
        let failed = |error: reqwest::Error| KeysUnavailable(in_words(&error));
        let mut response = self.client.get(self.url.clone()).send().await.map_err(failed)?;
        if !response.status().is_success() {
            return Err(KeysUnavailable(format!("{} answers {}", self.url, response.status())));
        }
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            text.extend_from_slice(&chunk);
            if text.len() > DOCUMENT_BYTES_MAX {
                break;
            }
        }
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

/// An error of this library tells its cause only when asked.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
