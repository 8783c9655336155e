//! The HTTP API as its clients see it, on a whole server. Files mirror the URLs, verbs are file
//! names; what holds for every call is in `conventions`.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

/// Runs a test on every store.
macro_rules! on_every_store {
    ($($(#[doc = $doc:literal])* fn $name:ident($server:ident: &TestServer) $body:block)*) => {$(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            fn check($server: &TestServer) $body

            #[test]
            fn on_memory() {
                check(&TestServer::on(testkit::server::Backend::Memory));
            }

            #[test]
            fn on_sqlite() {
                check(&TestServer::on(testkit::server::Backend::Sqlite));
            }

            #[test]
            fn on_postgres() {
                check(&TestServer::on(testkit::server::Backend::Postgres));
            }
        }
    )*};
}

mod admin;
mod carts;
mod clients;
mod conventions;
mod customers;
mod delivery_methods;
mod events;
mod fuzz;
mod health;
mod metrics;
mod oauth;
mod openapi;
mod orders;
mod pages;
mod products;
mod races;
mod reconciliation;
mod retrieval;
mod review_rules;
mod sandbox;
mod stock;
mod stores;
mod well_known;
