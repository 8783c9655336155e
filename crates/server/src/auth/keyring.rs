//! Which of our own tokens count: the keys that are not withdrawn, and the clients that were not
//! removed. It is what was found when the database was last looked at.

use std::collections::HashSet;

use domain::client::Client;
use jsonwebtoken::errors::Error;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use store::KeptKey;

use super::claims::{Claims, validation};
use super::signing_key::SigningKey;

pub(crate) struct Keyring {
    signing: SigningKey,
    keys: Vec<OwnKey>,
    removed: HashSet<String>,
}

struct OwnKey {
    key_id: String,
    decoding: DecodingKey,
    public: Jwk,
}

/// The key that signs: of those that may, the one that began last.
pub fn signing(kept: &[KeptKey]) -> Option<&KeptKey> {
    let may_sign = kept.iter().filter(|it| it.withdrawn_at.is_none());
    may_sign.filter(|it| it.signs_from.is_some()).max_by_key(|it| (it.signs_from, &it.key_id))
}

impl Keyring {
    pub(crate) fn new(kept: &[KeptKey], clients: &[Client]) -> Result<Keyring, String> {
        let key = |it: &KeptKey| {
            let seed = it.seed.as_slice().try_into().map_err(|_| "it is not of 32 bytes")?;
            SigningKey::from_seed(seed).map_err(|error| error.to_string())
        };
        let unusable =
            |it: &KeptKey, why: String| format!("the key {} is unusable: {why}", it.key_id);
        let signing = signing(kept).ok_or("there is no key that signs")?;
        let mut keys = Vec::new();
        for it in kept.iter().filter(|it| it.withdrawn_at.is_none()) {
            let whole = key(it).map_err(|why| unusable(it, why))?;
            let public = whole.public().clone();
            let decoding = decoding(&public).map_err(|error| unusable(it, error.to_string()))?;
            keys.push(OwnKey { key_id: it.key_id.clone(), decoding, public });
        }
        Ok(Keyring {
            signing: key(signing).map_err(|why| unusable(signing, why))?,
            keys,
            removed: removed(clients),
        })
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The public halves of all keys whose tokens count.
    pub(crate) fn public(&self) -> Vec<&Jwk> {
        self.keys.iter().map(|it| &it.public).collect()
    }

    /// What a token of ours says, if it is one.
    pub(super) fn claims(&self, token: &str, key_id: &str, issuer: &str) -> Option<Claims> {
        let key = self.keys.iter().find(|it| it.key_id == key_id)?;
        let validation = validation(Algorithm::EdDSA, issuer, None);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        Some(claims)
    }

    pub(super) fn accepts(&self, key_id: &str, client: Option<&str>) -> bool {
        self.keys.iter().any(|it| it.key_id == key_id)
            && client.is_none_or(|it| !self.removed.contains(it))
    }
}

fn decoding(public: &Jwk) -> Result<DecodingKey, Error> {
    DecodingKey::from_jwk(public)
}

fn removed(clients: &[Client]) -> HashSet<String> {
    clients.iter().filter(|it| it.is_removed()).map(|it| it.id.to_string()).collect()
}
