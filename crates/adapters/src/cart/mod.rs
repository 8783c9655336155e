//! The port of outside cart services: somebody else keeps the carts, and orderd asks for one when
//! it is to be ordered.

pub mod http;

use std::{fmt, future::Future, pin::Pin};

use domain::CartId;

/// What is read of an answer. Our own carts come in bodies of this size.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

pub trait CartService: fmt::Debug + Send + Sync {
    /// The cart of this name, as a JSON document of the API's own shape. It is not read here: who
    /// reads the API's documents judges this one by the same rules.
    fn cart(&self, id: &CartId) -> Call<'_, Vec<u8>>;
}

pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, CartError>> + Send + 'a>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CartError {
    /// The service has no such cart.
    Unknown,
    /// No answer, or one that asks to come again.
    Unavailable(String),
    /// An answer that can be no cart, now or later.
    Unreadable(String),
}

impl fmt::Display for CartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CartError::Unknown => f.write_str("the cart service does not know it"),
            CartError::Unavailable(why) => write!(f, "the cart service is unavailable: {why}"),
            CartError::Unreadable(why) => write!(f, "the cart service can't be read: {why}"),
        }
    }
}

impl std::error::Error for CartError {}
