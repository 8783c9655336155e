//! What other programs look for first.

mod jwks;
mod token_server;
