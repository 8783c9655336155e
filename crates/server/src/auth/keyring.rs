//! Which of our own tokens count: the keys that are not withdrawn, and the clients that were not
//! removed. It is what was found when the database was last looked at.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::client::Client;
use ed25519_dalek::Signer;
use jsonwebtoken::jwk::Jwk;
use store::KeptKey;
use subtle::ConstantTimeEq;

use super::claims::Claims;
use super::signing_key::SigningKey;
use super::vault::Vault;

pub(crate) struct Keyring {
    signing: SigningKey,
    keys: Vec<OwnKey>,
    removed: HashSet<String>,
}

struct OwnKey {
    key_id: String,
    secret: ed25519_dalek::SigningKey,
    public: Jwk,
}

/// What binds the wrapped secret half of a key to its row.
pub fn place_of(key_id: &str) -> String {
    format!("signing_keys/{key_id}")
}

/// The key that signs: of those that may, the one that began last.
pub fn signing(kept: &[KeptKey]) -> Option<&KeptKey> {
    let may_sign = kept.iter().filter(|it| it.withdrawn_at.is_none());
    may_sign.filter(|it| it.signs_from.is_some()).max_by_key(|it| (it.signs_from, &it.key_id))
}

impl Keyring {
    pub(crate) fn new(
        kept: &[KeptKey],
        clients: &[Client],
        vault: &Vault,
    ) -> Result<Keyring, String> {
        let key = |it: &KeptKey| {
            let seed = vault.unwrap(&place_of(&it.key_id), &it.seed);
            let seed = seed.map_err(|locked| locked.to_string())?;
            let seed = seed.try_into().map_err(|_| "it is not of 32 bytes")?;
            SigningKey::from_seed(seed).map_err(|error| error.to_string())
        };
        let unusable =
            |it: &KeptKey, why: String| format!("the key {} is unusable: {why}", it.key_id);
        let signing = signing(kept).ok_or("there is no key that signs")?;
        let mut keys = Vec::new();
        for it in kept.iter().filter(|it| it.withdrawn_at.is_none()) {
            let whole = key(it).map_err(|why| unusable(it, why))?;
            let public = whole.public().clone();
            let secret = ed25519_dalek::SigningKey::from_bytes(whole.seed());
            keys.push(OwnKey { key_id: it.key_id.clone(), secret, public });
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
    pub(super) fn claims(&self, token: &str, key_id: &str) -> Option<Claims> {
        let key = self.keys.iter().find(|it| it.key_id == key_id)?;
        let (text, signature) = token.rsplit_once('.')?;
        if !key.has_signed(text, &URL_SAFE_NO_PAD.decode(signature).ok()?) {
            return None;
        }
        let (_, claims) = text.split_once('.')?;
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?);
        // One for another service is for nobody here.
        claims.ok().filter(|it: &Claims| it.aud.is_none())
    }

    pub(super) fn accepts(&self, key_id: &str, client: Option<&str>) -> bool {
        self.keys.iter().any(|it| it.key_id == key_id)
            && client.is_none_or(|it| !self.removed.contains(it))
    }
}

impl OwnKey {
    /// Whoever has the secret signs a text in one way only (RFC 8032, 5.1.6), so it is signed once
    /// more and compared: that takes half as long as to check a signature by the public key. How
    /// much of a forged one is right, the time that it takes must not tell.
    fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        let ours = self.secret.sign(text.as_bytes()).to_bytes();
        ours[..].ct_eq(signature).into()
    }
}

fn removed(clients: &[Client]) -> HashSet<String> {
    clients.iter().filter(|it| it.is_removed()).map(|it| it.id.to_string()).collect()
}
