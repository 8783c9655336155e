//! The version of a thing that a caller has seen and wants to change (`If-Match`).

use crate::refusal::Refusal;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// The caller does not mind.
    #[default]
    Any,
    /// It must be there, in whatever version.
    Existing,
    OneOf(Vec<u64>),
}

impl Expected {
    /// `current` is absent where the thing is.
    pub(crate) fn check(&self, current: Option<u64>) -> Result<(), Refusal> {
        let holds = match self {
            Expected::Any => true,
            Expected::Existing => current.is_some(),
            Expected::OneOf(versions) => current.is_some_and(|it| versions.contains(&it)),
        };
        if holds { Ok(()) } else { Err(Refusal::VersionMismatch { current }) }
    }
}
