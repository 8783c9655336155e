//! Secrets as the database keeps them: wrapped by a key that is not in it, where the operator has
//! one. What is wrapped names its version and the key, and belongs to its place: in another row it
//! is of no use. Randomness is an argument.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

/// Random for each wrapping. Keys change so seldom that no two are ever the same.
pub const NONCE_LENGTH: usize = NONCE_LEN;

/// What a wrapped secret begins with: a version. No secret of ours does.
const MARK: &[u8] = b"orderd:1:";
const NAME_LENGTH: usize = 8;
const KEY_LENGTH: usize = 32;

/// A key that wraps others.
#[derive(Clone)]
pub struct MasterKey {
    /// Tells it from others, and nothing about it.
    name: [u8; NAME_LENGTH],
    cipher: Arc<LessSafeKey>,
}

/// Whoever has none keeps secrets as they are.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    current: Option<MasterKey>,
    /// Unwraps what it wrapped while it was the current one.
    old: Option<MasterKey>,
}

/// Why a secret stays wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locked {
    KeyMissing,
    OtherKey,
    Damaged,
}

impl MasterKey {
    /// 32 bytes in base64, in either alphabet, or in hex.
    pub fn parse(text: &str) -> Option<MasterKey> {
        let text = text.trim();
        let bare = text.trim_end_matches('=');
        let decoded = match text.len() {
            length if length == 2 * KEY_LENGTH => from_hex(text),
            _ => URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD.decode(text)).ok(),
        };
        let bytes: [u8; KEY_LENGTH] = decoded?.try_into().ok()?;
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?);
        let mut hasher = Sha256::new();
        hasher.update(b"the name of a master key of orderd");
        hasher.update(bytes);
        let mut name = [0; NAME_LENGTH];
        name.copy_from_slice(&hasher.finalize()[..NAME_LENGTH]);
        Some(MasterKey { name, cipher: Arc::new(cipher) })
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?;
        u8::try_from(value).ok()
    });
    pairs.collect()
}

impl Vault {
    pub fn new(current: Option<MasterKey>, old: Option<MasterKey>) -> Vault {
        Vault { current, old }
    }

    /// The secret as its place shall keep it.
    pub fn wrap(&self, place: &str, secret: &[u8], nonce: [u8; NONCE_LENGTH]) -> Vec<u8> {
        let Some(key) = &self.current else { return secret.to_vec() };
        let mut sealed = secret.to_vec();
        let (cipher, aad) = (&key.cipher, Aad::from(place.as_bytes()));
        let done =
            cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed);
        done.expect("a secret is far shorter than what a cipher takes");
        [MARK, &key.name, &nonce, &sealed].concat()
    }

    /// The secret that its place keeps, wrapped or not.
    pub fn unwrap(&self, place: &str, kept: &[u8]) -> Result<Vec<u8>, Locked> {
        let Some(wrapped) = kept.strip_prefix(MARK) else { return Ok(kept.to_vec()) };
        let (name, rest) = wrapped.split_first_chunk::<NAME_LENGTH>().ok_or(Locked::Damaged)?;
        let mut keys = self.current.iter().chain(&self.old).peekable();
        if keys.peek().is_none() {
            return Err(Locked::KeyMissing);
        }
        let key = keys.find(|it| it.name == *name).ok_or(Locked::OtherKey)?;
        let (nonce, sealed) = rest.split_first_chunk().ok_or(Locked::Damaged)?;
        let mut sealed = sealed.to_vec();
        let aad = Aad::from(place.as_bytes());
        let opened =
            key.cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut sealed);
        opened.map(|secret| secret.to_vec()).map_err(|_| Locked::Damaged)
    }

    /// Whether a secret is kept as it would be wrapped now.
    pub fn keeps(&self, kept: &[u8]) -> bool {
        match (&self.current, kept.strip_prefix(MARK)) {
            (Some(key), Some(wrapped)) => wrapped.starts_with(&key.name),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// Neither the key nor anything made of it.
impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey")
    }
}

impl fmt::Display for Locked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Locked::KeyMissing => {
                "the keys in this database are wrapped by a master key: give it in \
                 ORDERD_MASTER_KEY"
            }
            Locked::OtherKey => {
                "ORDERD_MASTER_KEY is not the master key that the keys in this database are \
                 wrapped by; if it shall replace that one, give that one in ORDERD_MASTER_KEY_OLD"
            }
            Locked::Damaged => {
                "a key in this database is wrapped by ORDERD_MASTER_KEY and can't be unwrapped: \
                 it is damaged, or stood in another place"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Option<MasterKey> {
        MasterKey::parse(&format!("{byte:02x}").repeat(KEY_LENGTH))
    }

    #[test]
    fn a_key_has_32_bytes_in_a_usual_spelling() {
        let bytes = [0xfb; KEY_LENGTH];
        let standard = STANDARD.encode(bytes);
        let hex = "fB".repeat(KEY_LENGTH);
        for text in [&standard, &URL_SAFE_NO_PAD.encode(bytes), &hex, &format!(" {standard}\n")] {
            let found = MasterKey::parse(text).map(|it| it.name);
            assert_eq!(found, key(0xfb).map(|it| it.name), "{text}");
        }
        let short = STANDARD.encode([1; KEY_LENGTH - 1]);
        let long = STANDARD.encode([1; KEY_LENGTH + 1]);
        for text in ["", "secret", &short, &long, &"g".repeat(64), &"é".repeat(32), &hex[2..]] {
            assert!(MasterKey::parse(text).is_none(), "{text}");
        }
        assert!(!format!("{:?}", Vault::new(key(7), None)).contains('7'));
    }

    #[test]
    fn what_is_wrapped_is_read_by_its_key_at_its_place_alone() {
        let vault = Vault::new(key(1), None);
        let kept = vault.wrap("keys/a", b"secret", [9; NONCE_LENGTH]);
        assert!(!kept.windows(6).any(|it| it == b"secret"));
        assert_eq!(vault.unwrap("keys/a", &kept), Ok(b"secret".to_vec()));
        assert_eq!(vault.unwrap("keys/b", &kept), Err(Locked::Damaged));
        assert_eq!(Vault::default().unwrap("keys/a", &kept), Err(Locked::KeyMissing));
        assert_eq!(Vault::new(key(2), None).unwrap("keys/a", &kept), Err(Locked::OtherKey));
        let after = Vault::new(key(2), key(1));
        assert_eq!(after.unwrap("keys/a", &kept), Ok(b"secret".to_vec()));
        assert!(vault.keeps(&kept) && !after.keeps(&kept) && !Vault::default().keeps(&kept));
        for at in MARK.len() + NAME_LENGTH..kept.len() {
            let mut changed = kept.clone();
            changed[at] ^= 1;
            assert_eq!(vault.unwrap("keys/a", &changed), Err(Locked::Damaged), "{at}");
        }
        for length in MARK.len()..kept.len() {
            assert!(vault.unwrap("keys/a", &kept[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn without_a_key_secrets_are_kept_as_they_are() {
        let vault = Vault::default();
        assert_eq!(vault.wrap("keys/a", b"secret", [9; NONCE_LENGTH]), b"secret");
        assert_eq!(vault.unwrap("keys/a", b"secret"), Ok(b"secret".to_vec()));
        let with_key = Vault::new(key(1), None);
        assert_eq!(with_key.unwrap("keys/a", b"secret"), Ok(b"secret".to_vec()));
        assert!(vault.keeps(b"secret") && !with_key.keeps(b"secret"));
    }
}
