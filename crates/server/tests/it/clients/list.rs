//! `GET /api/clients`.

use testkit::server::TestServer;

use super::create;

on_every_store! {
    fn clients_are_listed_without_those_removed(server: &TestServer) {
        let (first, _) = create(server, "orders:read");
        let (second, _) = create(server, "staff");
        let (third, _) = create(server, "events:read");
        server.delete(&format!("/api/clients/{second}")).by(&server.staff()).send();
        let reply = server.get("/api/clients").by(&server.staff()).send();
        assert_eq!(reply.at("/next_cursor"), "null");
        let ids = [reply.text("/clients/0/client_id"), reply.text("/clients/1/client_id")];
        assert_eq!(ids, [first, third]);
        assert!(!reply.has("/clients/2"), "{reply}");
    }
}

#[test]
fn it_takes_no_parameters() {
    let server = TestServer::start();
    let reply = server.get("/api/clients?limit=1").by(&server.staff()).send();
    assert_eq!(reply.code(), "400 unknown_parameter");
}
