mod create;
mod get;
mod list;
mod update;

use testkit::server::{Reply, TestServer};

fn ship(server: &TestServer, order: &str, body: &str) -> Reply {
    let call = server.post(&format!("/api/orders/{order}/shipments")).by(&server.staff());
    if body.is_empty() { call.send() } else { call.json(body).send() }
}
