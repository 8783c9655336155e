//! The HTTP client of all adapters: what nobody shall forget when speaking to somebody else's
//! server. It waits so long and no longer, follows no redirect, keeps to no proxy of the
//! environment, reads so much and no more, and its errors tell no address: one may hold a secret.

use std::{fmt, time::Duration};

use reqwest::{Client, Response, Url, redirect::Policy};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Without a byte for so long an answer is given up.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

const USER_AGENT: &str = concat!("orderd/", env!("CARGO_PKG_VERSION"));

/// An address by setting: `http` or `https`, with a host, and nothing behind its path.
pub fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("must begin with http:// or https:// and a host");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no query and no fragment");
    }
    Ok(url)
}

/// A client for a server at this address.
pub fn client(url: &Url) -> Result<Client, String> {
    use_ring();
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT);
    // Without TLS nobody needs the system's certificates, and some systems have none.
    let client = if url.scheme() == "http" { client.tls_certs_only([]) } else { client };
    client.build().map_err(|error| in_words(&error.without_url()))
}

/// The one cryptography of all TLS in the process; what was chosen first stays.
pub fn use_ring() {
    _ = rustls::crypto::ring::default_provider().install_default();
}

/// The whole body, unless it is larger.
pub(crate) async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, BodyError> {
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if response.content_length().is_some_and(|it| it > most) {
        return Err(BodyError::TooLarge);
    }
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| BodyError::Broken(in_words(&error.without_url())))?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
}

#[derive(Debug)]
pub(crate) enum BodyError {
    Broken(String),
    TooLarge,
}

/// An error with its reasons. It must have been parted from its address.
pub(crate) fn in_words(error: &dyn std::error::Error) -> String {
    struct Chain<'a>(&'a dyn std::error::Error);

    impl fmt::Display for Chain<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)?;
            self.0.source().map_or(Ok(()), |source| write!(f, ": {}", Chain(source)))
        }
    }

    Chain(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_checked() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let found = address(text);
            assert_eq!(found.as_ref().map(Url::as_str).map_err(|it| *it), expected, "{text}");
        };
        let scheme = Err("must begin with http:// or https:// and a host");
        let rest = Err("must have no query and no fragment");
        check("http://localhost:1/carts", Ok("http://localhost:1/carts"));
        check("https://user:secret@example.com", Ok("https://user:secret@example.com/"));
        check("example.com", Err("must be a URL"));
        check("", Err("must be a URL"));
        check("http://", Err("must be a URL"));
        check("ftp://example.com", scheme);
        check("localhost:8080", scheme);
        check("http://example.com/?a=b", rest);
        check("http://example.com/#a", rest);
    }
}
