//! OAuth 2.0.

mod token;
