//! The calls of shops' own systems, `/v1` and `/v2`.

mod changes;
mod create_temp_cart;
mod door;
mod order_detail;
mod order_numbers;
mod polling;

use testkit::server::{Reply, TestServer};

/// A store's new secret.
#[track_caller]
pub(crate) fn rotate(server: &TestServer, store: u32) -> String {
    let path = format!("/api/stores/{store}/rotate-secret");
    let reply = server.post(&path).by(&server.staff()).send();
    assert_eq!(reply.status, 200, "{reply}");
    reply.text("/secret")
}

/// One call of a shop's, with these members beside store and secret.
pub(crate) fn ask(
    server: &TestServer,
    call: &str,
    store: u32,
    secret: &str,
    members: &str,
) -> Reply {
    let separator = if members.is_empty() { "" } else { ", " };
    let body = format!(r#"{{"store": {store}, "secret": "{secret}"{separator}{members}}}"#);
    server.post(&format!("/{call}")).json(body).send()
}

/// A shop that has its secret.
struct Shop<'s> {
    server: &'s TestServer,
    store: u32,
    secret: String,
}

impl<'s> Shop<'s> {
    /// Store 1, with something to sell.
    fn open(server: &'s TestServer) -> Shop<'s> {
        server.open_shop();
        Shop { server, store: 1, secret: rotate(server, 1) }
    }

    /// Store 2, which sells mugs in kroner to whoever fetches them.
    fn oslo(server: &'s TestServer) -> Shop<'s> {
        server.must_put("/api/stores/2", r#""name": "Oslo", "currency": "NOK", "test": true"#);
        let mug = r#""name": "Mug", "price": 120, "currency": "NOK", "requires_shipping": false"#;
        server.product("mug", mug);
        server.stock("mug", 1000);
        Shop { server, store: 2, secret: rotate(server, 2) }
    }

    fn sell_mug(&self) {
        let body = r#"{"user_id": null, "store_id": 2,
            "items": [{"product_id": "mug", "quantity": 1}]}"#;
        let call = self.server.post("/api/orders").by(&self.server.staff());
        assert_eq!(call.json(body).send().status, 204);
    }

    fn ask(&self, call: &str, members: &str) -> Reply {
        ask(self.server, call, self.store, &self.secret, members)
    }

    /// The ids that a list tells, after a look at what it says of itself.
    #[track_caller]
    fn numbers(&self, members: &str) -> Vec<String> {
        let reply = self.ask("v1/orderNumbers", members);
        assert_eq!(reply.status, 200, "{members}: {reply}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let told = (0..).map_while(|nth| {
            let pointer = format!("/orders/{nth}/id");
            reply.has(&pointer).then(|| reply.text(&pointer))
        });
        let told: Vec<String> = told.collect();
        assert_eq!(reply.at("/orderCount"), told.len().to_string(), "{reply}");
        told
    }

    /// What a call is refused with: its status and its sentence.
    #[track_caller]
    fn refusal(&self, call: &str, members: &str) -> String {
        let reply = self.ask(call, members);
        assert_eq!(reply.header("content-type"), Some("application/json"), "{reply}");
        format!("{} {}", reply.status, reply.text("/error"))
    }
}
