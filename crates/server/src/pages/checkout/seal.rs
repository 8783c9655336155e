//! What pages for buyers are sealed with: forms against being sent from elsewhere, and the link to
//! an order against being guessed.

use axum::http::{
    HeaderMap, HeaderValue, Uri,
    header::{COOKIE, HOST, ORIGIN},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const COOKIE_NAME: &str = "orderd_checkout";
const NONCE_BYTES: usize = 16;

/// Processes of one database have the same.
#[derive(Clone)]
pub struct PageKey([u8; 32]);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

impl PageKey {
    pub fn new(bytes: [u8; 32]) -> PageKey {
        PageKey(bytes)
    }

    /// What goes with the link to an order's page.
    pub(crate) fn order_signature(&self, id: &str) -> String {
        self.seal("order-complete", &[id])
    }

    pub(crate) fn is_order_signature(&self, id: &str, signature: &str) -> bool {
        self.is_sealed("order-complete", &[id], signature)
    }

    /// What a form carries: good in the browser that got it, and for this cart or payment alone.
    pub(crate) fn form_token(&self, session: &Session, about: &str) -> String {
        self.seal("form", &[&session.nonce, about])
    }

    fn seal(&self, purpose: &str, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, parts).finalize().into_bytes())
    }

    fn is_sealed(&self, purpose: &str, parts: &[&str], seal: &str) -> bool {
        let seal = URL_SAFE_NO_PAD.decode(seal).unwrap_or_default();
        // It takes as long whatever is wrong.
        self.mac(purpose, parts).verify_slice(&seal).is_ok()
    }

    fn mac(&self, purpose: &str, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length is a key");
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// What a browser is known by on these pages, and only there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    nonce: String,
    is_new: bool,
}

impl Session {
    /// The browser's, else a new one.
    pub(crate) fn of(headers: &HeaderMap, draw: impl FnOnce(&mut [u8])) -> Session {
        if let Some(nonce) = nonce(headers) {
            return Session { nonce, is_new: false };
        }
        let mut bytes = [0; NONCE_BYTES];
        draw(&mut bytes);
        Session { nonce: URL_SAFE_NO_PAD.encode(bytes), is_new: true }
    }

    /// Over TLS it goes over nothing else.
    pub(crate) fn cookie(&self, is_secure: bool) -> Option<HeaderValue> {
        let secure = if is_secure { "; Secure" } else { "" };
        let nonce = &self.nonce;
        let text = format!("{COOKIE_NAME}={nonce}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).ok().filter(|_| self.is_new)
    }
}

/// Whether a form was sent from a page of ours: by the browser that got it, about the same thing,
/// and from this very address.
pub(crate) fn is_ours(
    key: &PageKey,
    headers: &HeaderMap,
    uri: &Uri,
    about: &str,
    token: &str,
) -> bool {
    let Some(nonce) = nonce(headers) else { return false };
    is_from_here(headers, uri) && key.is_sealed("form", &[&nonce, about], token)
}

/// Browsers say where a form stands; who says nothing is no browser that could be led astray.
fn is_from_here(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).and_then(|it| it.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let origin = origin.to_str().ok().and_then(|it| Some(it.split_once("://")?.1));
    origin.zip(host).is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host))
}

fn nonce(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = lines.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    let is_nonce = URL_SAFE_NO_PAD.decode(value).is_ok_and(|it| it.len() == NONCE_BYTES);
    is_nonce.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PageKey = PageKey([7; 32]);

    fn headers(of: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        let value = |it: &str| HeaderValue::from_str(it).expect("a header value");
        of.iter().map(|(name, it)| (name.clone(), value(it))).collect()
    }

    #[test]
    fn a_form_is_ours_in_its_browser_about_its_cart_and_from_here() {
        let session = Session::of(&HeaderMap::new(), |bytes| bytes.fill(1));
        let cookie = session.cookie(false).expect("it is new");
        let cookie = cookie.to_str().expect("text").split_once(';').expect("more").0.to_owned();
        let token = KEY.form_token(&session, "cart-1");
        let uri = Uri::from_static("/checkout");
        let check = |of: &[(axum::http::HeaderName, &str)], about: &str, token: &str| {
            is_ours(&KEY, &headers(of), &uri, about, token)
        };
        let here = [(COOKIE, cookie.as_str()), (HOST, "shop:8080")];
        assert!(check(&here, "cart-1", &token));
        let with = |origin| [here[0].clone(), here[1].clone(), (ORIGIN, origin)];
        assert!(check(&with("http://shop:8080"), "cart-1", &token));
        for origin in ["null", "http://shop", "http://evil.example", "http://shop:8080.evil", ""] {
            assert!(!check(&with(origin), "cart-1", &token), "{origin}");
        }
        assert!(!check(&here, "cart-2", &token), "of another cart");
        assert!(!check(&here, "cart-1", ""), "without a token");
        assert!(!check(&here, "cart-1", &KEY.order_signature("cart-1")), "of another purpose");
        assert!(!check(&here[1..], "cart-1", &token), "without the cookie");
        let other = format!("{COOKIE_NAME}={}", URL_SAFE_NO_PAD.encode([2; NONCE_BYTES]));
        assert!(!check(&[(COOKIE, &other), here[1].clone()], "cart-1", &token));
        let again = Session::of(&headers(&here), |_| panic!("it has one"));
        assert_eq!((again.cookie(false), again.nonce), (None, session.nonce));
    }

    #[test]
    fn a_signature_is_of_one_order() {
        let signature = KEY.order_signature("1-7");
        assert!(KEY.is_order_signature("1-7", &signature));
        assert!(!KEY.is_order_signature("1-8", &signature));
        assert!(!KEY.is_order_signature("1-7", &signature[1..]));
        assert!(!PageKey([8; 32]).is_order_signature("1-7", &signature));
    }
}
