//! `DELETE /api/clients/{id}`.

use testkit::server::TestServer;

use super::{create, token, token_of};

on_every_store! {
    fn its_tokens_stop_at_once(server: &TestServer) {
        let client = create(server, "orders:read");
        let other = token_of(server, &create(server, "orders:read"));
        let tokens = [token_of(server, &client), token_of(server, &client)];
        let list = |token: &str| server.get("/api/orders").by(token).send();
        assert_eq!(list(&tokens[0]).status, 200);
        let path = format!("/api/clients/{}", client.0);
        let remove = || server.delete(&path).by(&server.staff()).send();
        assert_eq!(remove().status, 204);
        for token in &tokens {
            assert_eq!(list(token).code(), "401 invalid_token", "also if nobody has seen it");
        }
        assert_eq!(list(&other).status, 200, "another client's live on");
        let credentials = format!("client_id={}&client_secret={}", client.0, client.1);
        let refused = token(server, &format!("grant_type=client_credentials&{credentials}"));
        assert_eq!((refused.status, refused.text("/error")), (401, "invalid_client".into()));
        assert_eq!(remove().code(), "404 client_not_found");
        let log = server.get("/api/admin/log?types=client.removed").by(&server.staff()).send();
        assert_eq!(log.text("/entries/0/data/client_id"), client.0);
    }
}

#[test]
fn a_dry_run_removes_nothing() {
    let server = TestServer::start();
    let client = create(&server, "orders:read");
    let token = token_of(&server, &client);
    let path = format!("/api/clients/{}?dry_run=true", client.0);
    let reply = server.delete(&path).by(&server.staff()).send();
    assert_eq!((reply.status, reply.at("/status")), (200, "204"));
    assert_eq!(server.get("/api/orders").by(&token).send().status, 200);
}
