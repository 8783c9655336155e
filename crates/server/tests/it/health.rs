//! `GET /healthz` and `GET /readyz`.

use testkit::server::TestServer;

on_every_store! {
    fn a_server_that_runs_says_so(server: &TestServer) {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.get(path).send().to_string(), "200", "{path}");
        }
    }
}
