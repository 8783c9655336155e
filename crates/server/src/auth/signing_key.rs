//! The key that signs the server's own tokens (Ed25519), and the making of them. Time is an
//! argument.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// `iss` of our own tokens, where no address of the server is set.
pub const ISSUER: &str = "orderd";

/// What a token says about its bearer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grant<'a> {
    /// The name of this server, if it has an address of its own.
    pub issuer: Option<&'a str>,
    pub subject: &'a str,
    pub scope: &'a str,
    pub stores: Option<&'a [i64]>,
    pub store: Option<i64>,
    pub email: Option<&'a str>,
    /// The machine client that it is for.
    pub client: Option<&'a str>,
}

/// The key that signs. Kept as its 32 secret bytes, from which all else follows.
pub struct SigningKey {
    seed: [u8; 32],
    encoding: EncodingKey,
    public: Jwk,
    key_id: String,
}

impl SigningKey {
    /// The key of these secret bytes: random ones make a new key, stored ones bring it back.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, Error> {
        let encoding = EncodingKey::from_ed_der(&pkcs8(&seed));
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let key_id = key_id(&public)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(SigningKey { seed, encoding, public, key_id })
    }

    /// What storage keeps, and nothing else may see.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public half, as `/.well-known/jwks.json` shows it.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Makes a token that is valid from now on.
    pub fn mint(&self, grant: &Grant<'_>, ttl_s: u64, now_ms: i64) -> Result<String, Error> {
        let now_s = now_ms.div_euclid(1000);
        let claims = Minted {
            iss: grant.issuer.unwrap_or(ISSUER),
            sub: grant.subject,
            iat: now_s,
            exp: now_s.saturating_add_unsigned(ttl_s),
            scope: grant.scope,
            stores: grant.stores,
            store: grant.store,
            email: grant.email,
            client_id: grant.client,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.key_id)
    }
}

#[derive(Serialize)]
struct Minted<'a> {
    iss: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<&'a [i64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    /// As RFC 9068 calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

/// The PKCS#8 form of an Ed25519 seed (RFC 8410, 7): a fixed head and the seed.
fn pkcs8(seed: &[u8; 32]) -> [u8; 48] {
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let mut key = [0; 48];
    key[..16].copy_from_slice(&HEAD);
    key[16..].copy_from_slice(seed);
    key
}

/// The key's RFC 7638 thumbprint (with RFC 8037's members), which needs no table of names.
fn key_id(public: &Jwk) -> Result<String, Error> {
    let AlgorithmParameters::OctetKeyPair(parameters) = &public.algorithm else {
        return Err(ErrorKind::InvalidEddsaKey.into());
    };
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, parameters.x);
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_is_its_seed() {
        // RFC 8032, 7.1, test 1; the id is RFC 8037's example (A.3) of the same key.
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = SigningKey::from_seed(seed).expect("any 32 bytes are a key");
        assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.seed(), &seed);
        let public = serde_json::to_value(key.public()).expect("a JWK is JSON");
        assert_eq!(
            public,
            json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.key_id(),
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            })
        );
        assert!(!format!("{key:?}").contains("157"), "the secret is not shown");
    }
}
