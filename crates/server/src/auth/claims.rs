//! What a token says, whoever has signed it.

use std::borrow::Cow;

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    /// RFC 7519 allows fractions of a second.
    exp: f64,
    nbf: Option<f64>,
    /// Tokens of ours have none.
    pub(super) aud: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) scope: Scope,
    pub(super) stores: Option<Vec<i64>>,
    pub(super) store: Option<i64>,
    pub(super) email: Option<String>,
    pub(super) client_id: Option<String>,
}

/// A list in one text (RFC 8693, 4.2), or in several as some issuers write it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Scope {
    Text(String),
    Texts(Vec<String>),
}

impl Default for Scope {
    fn default() -> Scope {
        Scope::Text(String::new())
    }
}

impl Scope {
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Scope::Text(text) => text.into(),
            Scope::Texts(texts) => texts.join(" ").into(),
        }
    }
}

impl Claims {
    /// From when on, and until when.
    pub(super) fn times_ms(&self, leeway_ms: i64) -> (i64, i64) {
        let from = self.nbf.map_or(i64::MIN, milliseconds);
        (from.saturating_sub(leeway_ms), milliseconds(self.exp).saturating_add(leeway_ms))
    }
}

/// The library reads the machine's clock; time is judged by the caller's.
pub(super) fn validation(
    algorithm: Algorithm,
    issuer: &str,
    audience: Option<&[String]>,
) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    if let Some(audience) = audience {
        validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
        validation.set_audience(audience);
    }
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// Saturates, as float to integer conversion does; what is not a number is no time at all.
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}
