//! OAuth 2.0: tokens for machine clients. Its documents are those of RFC 6749, its refusals too.

pub(crate) mod token;

pub(crate) use self::token::token;
