//! A machine client, as staff see it.

use domain::client::Client;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub(crate) struct ClientView<'a> {
    client_id: &'a str,
    name: &'a str,
    scope: &'a str,
    created_at: Time,
}

impl<'a> ClientView<'a> {
    pub(crate) fn new(client: &'a Client) -> ClientView<'a> {
        ClientView {
            client_id: client.id.as_str(),
            name: &client.name,
            scope: &client.scope,
            created_at: Time(client.created_at),
        }
    }
}

/// A client as it is told once. What is remembered under a key has no secret in it; the answer that
/// goes out gets it at the end.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = NewClient)]
pub(crate) struct NewClientView {
    /// Null in a dry run.
    pub(crate) client_id: Option<String>,
    pub(crate) name: String,
    pub(crate) scope: String,
    /// Shown in this answer and never again: null where the answer is given again.
    pub(crate) client_secret: Option<String>,
    #[schema(value_type = Time)]
    pub(crate) created_at: String,
}
