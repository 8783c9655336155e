//! Which of our own tokens count: the keys that are not withdrawn, and the clients that were not
//! removed. It is what was found when the database was last looked at.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::Scalar;
use domain::client::Client;
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::ExpandedSecretKey;
use jsonwebtoken::jwk::Jwk;
use sha2::{Digest, Sha512};
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
    secret: ExpandedSecretKey,
    public: VerifyingKey,
    shown: Jwk,
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
            let secret = ExpandedSecretKey::from(whole.seed());
            let public = VerifyingKey::from(&secret);
            let shown = whole.public().clone();
            keys.push(OwnKey { key_id: it.key_id.clone(), secret, public, shown });
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
        self.keys.iter().map(|it| &it.shown).collect()
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
    /// Whoever has the secret signs a text in one way only (RFC 8032, 5.1.6): with R = r B and
    /// S = r + k a, where r comes of the secret and the text, and k of R and the text. So S tells
    /// whether this is that signature, by arithmetic of a microsecond; to compute R costs twenty
    /// times as much. Who does not know r and a finds no S for any R: r is as good as random for
    /// each text, and the same text with another R wants another k. How much of a forged one is
    /// right, the time that it takes must not tell.
    fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        let Some((point, answer)) = signature.split_first_chunk::<32>() else { return false };
        let nonce = scalar(&[&self.secret.hash_prefix, text.as_bytes()]);
        let challenge = scalar(&[point, self.public.as_bytes(), text.as_bytes()]);
        let expected = nonce + challenge * self.secret.scalar;
        expected.as_bytes()[..].ct_eq(answer).into()
    }
}

fn scalar(parts: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    parts.iter().for_each(|it| hash.update(it));
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

fn removed(clients: &[Client]) -> HashSet<String> {
    clients.iter().filter(|it| it.is_removed()).map(|it| it.id.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey, Verifier};
    use proptest::prelude::*;

    use super::*;

    fn own_key(seed: [u8; 32]) -> OwnKey {
        let secret = ExpandedSecretKey::from(&seed);
        let public = VerifyingKey::from(&secret);
        let shown = super::SigningKey::from_seed(seed).unwrap().public().clone();
        OwnKey { key_id: "k".into(), secret, public, shown }
    }

    proptest! {
        #[test]
        fn a_signature_of_ours_is_told_from_any_other(
            seed: [u8; 32], other: [u8; 32], text in ".{0,200}", flipped in 0..512_usize,
        ) {
            let key = own_key(seed);
            let signer = SigningKey::from_bytes(&seed);
            let signature = signer.sign(text.as_bytes());
            prop_assert!(signer.verifying_key().verify(text.as_bytes(), &signature).is_ok());
            let bytes = signature.to_bytes();
            prop_assert!(key.has_signed(&text, &bytes));

            let mut changed = bytes;
            changed[flipped / 8] ^= 1 << (flipped % 8);
            prop_assert!(!key.has_signed(&text, &changed), "another signature");
            prop_assert!(!key.has_signed(&format!("{text}."), &bytes), "another text");
            prop_assert!(!key.has_signed(&text, &bytes[..63]), "a part");
            prop_assert!(!key.has_signed(&text, &[&bytes[..], &[0]].concat()), "more than all");
            if other != seed {
                prop_assert!(!own_key(other).has_signed(&text, &bytes), "another key");
            }
        }
    }

    /// S with the order of the group added to it is the same number, but not how it is written.
    #[test]
    fn a_signature_is_written_in_one_way() {
        let order: [u8; 32] = (Scalar::ZERO - Scalar::ONE).to_bytes();
        let key = own_key([7; 32]);
        let mut bytes = SigningKey::from_bytes(&[7; 32]).sign(b"text").to_bytes();
        assert!(key.has_signed("text", &bytes));
        let mut carry = 1_u16;
        for (byte, added) in bytes[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(added);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        assert!(!key.has_signed("text", &bytes));
    }
}
