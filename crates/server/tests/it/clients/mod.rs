//! Machine clients.

mod create;
mod get;
mod list;
mod remove;

use testkit::server::{Reply, TestServer};

/// A client with this scope: its id and its secret.
pub(crate) fn create(server: &TestServer, scope: &str) -> (String, String) {
    let body = format!(r#"{{"name": "ERP", "scope": "{scope}"}}"#);
    let reply = server.post("/api/clients").by(&server.staff()).json(body).send();
    assert_eq!(reply.status, 201, "{reply}");
    (reply.text("/client_id"), reply.text("/client_secret"))
}

/// What is answered to a form.
pub(crate) fn token(server: &TestServer, form: &str) -> Reply {
    let kind = "application/x-www-form-urlencoded";
    server.post("/oauth/token").bytes(kind, form.into()).send()
}

/// A token of a client, for all that it may.
pub(crate) fn token_of(server: &TestServer, (id, secret): &(String, String)) -> String {
    let credentials = format!("client_id={id}&client_secret={secret}");
    let reply = token(server, &format!("grant_type=client_credentials&{credentials}"));
    assert_eq!(reply.status, 200, "{reply}");
    reply.text("/access_token")
}
