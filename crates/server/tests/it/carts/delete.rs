//! `DELETE /api/carts/{id}`

use testkit::server::TestServer;

on_every_store! {
    fn a_cart_is_deleted(server: &TestServer) {
        let (jane, staff) = (server.token("jane", ""), server.staff());
        server.put("/api/carts/c").by(&jane).json("{}").send();
        let delete = |token: &str, path: &str, tag: &str| {
            server.delete(path).by(token).if_match(tag).send()
        };
        let of_a_guest = delete(&staff, "/api/carts/c", "*");
        assert_eq!(of_a_guest.code(), "404 cart_not_found");
        assert_eq!(delete(&jane, "/api/carts/c", "\"7\"").code(), "412 version_mismatch");
        let named = "/api/carts/c?user_id=jane";
        assert_eq!(delete(&staff, named, "\"1\"").status, 204);
        assert_eq!(server.get("/api/carts/c").by(&jane).send().code(), "404 cart_not_found");
        assert_eq!(delete(&staff, named, "*").code(), "404 cart_not_found");
    }
}
