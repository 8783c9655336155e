//! The port of issuers of tokens: where the public keys of one are read.
//!
//! A source tells the keys as they are published now, each time anew. What is kept of them, and how
//! often they are asked for, is the asker's matter. Keys of kinds that nobody here checks
//! signatures with are left out, and so are such as are too weak to prove anything.

mod document;
mod file;
mod http;

use std::{fmt, future::Future, pin::Pin, time::Duration};

pub use self::{file::FileKeys, http::HttpKeys};

/// A document of keys that is larger is refused.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// Further keys of a document are not looked at.
pub const KEYS_MAX: usize = 100;
/// How long an issuer may take over its answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

pub trait KeySource: fmt::Debug + Send + Sync {
    fn keys(&self) -> Published<'_>;
}

pub type Published<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<PublicKey>, KeysUnavailable>> + Send + 'a>>;

/// A key by which an issuer's signatures are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The name that tokens give to it.
    pub key_id: String,
    /// The one algorithm that it is for, if the issuer says so.
    pub algorithm: Option<String>,
    pub material: Material,
}

/// The numbers of a key as they are published: in base64url without padding (RFC 7518, 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    Rsa { modulus: String, exponent: String },
    P256 { x: String, y: String },
    Ed25519 { x: String },
}

/// No answer, or none that is a document of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysUnavailable(pub String);

impl fmt::Display for KeysUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeysUnavailable {}
