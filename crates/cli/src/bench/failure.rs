//! Why a bench ended early, as one sentence for the person at the terminal.

use std::error::Error;
use std::fmt::{self, Display};

pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says what was being done when a library's error came up.
pub(super) trait Doing<T> {
    fn doing(self, what: impl Display) -> Result<T>;
}

impl<T, E: Error> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Display) -> Result<T> {
        self.map_err(|error| {
            let mut sentence = format!("{what}: {error}");
            // tokio-postgres says only "db error" itself and keeps the reason in the source.
            let mut source = error.source();
            while let Some(cause) = source {
                sentence.push_str(": ");
                sentence.push_str(&cause.to_string());
                source = cause.source();
            }
            Failure(sentence)
        })
    }
}
