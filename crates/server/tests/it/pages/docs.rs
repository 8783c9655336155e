//! `GET /docs`: the description to try out, whose every part is in the binary.

use testkit::server::TestServer;

use super::{assert_kept_at_home, loaded};

#[test]
fn what_the_page_loads_is_here() {
    let server = TestServer::start();
    let page = server.get("/docs").send();
    assert_kept_at_home(&page);
    let loaded = loaded(&page);
    assert_eq!(loaded.len(), 3, "{loaded:?}");
    for path in loaded {
        let plain = server.get(&path).send();
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        assert_eq!(plain.header("x-content-type-options"), Some("nosniff"), "{path}");
        let kind = if path.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert!(plain.header("content-type").is_some_and(|it| it.starts_with(kind)), "{path}");
        let again = server.get(&path).header("If-None-Match", plain.header("etag").unwrap()).send();
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
    let start = server.get("/docs/assets/start.js").send().body;
    assert!(start.contains("\"/openapi.json\""), "{start}");
    assert!(!start.contains("://"), "it asks no other server: {start}");
}

#[test]
fn a_browser_gets_them_packed() {
    let server = TestServer::start();
    let path = "/docs/assets/swagger-ui.css";
    let plain = server.get(path).send();
    let headers = server.call("HEAD", path).header("Accept-Encoding", "gzip, br").send();
    assert_eq!(headers.header("content-encoding"), Some("gzip"));
    assert_eq!(headers.header("vary"), Some("accept-encoding"));
    assert_ne!(headers.header("etag"), plain.header("etag"), "another form, another tag");
    let size: usize = headers.header("content-length").unwrap().parse().unwrap();
    assert!(size * 4 < plain.body.len(), "{size} of {}", plain.body.len());
}

#[test]
fn there_are_no_other_files() {
    let server = TestServer::start();
    for path in ["/docs/assets/x.js", "/docs/assets/..%2Fpage.css", "/docs/assets/", "/docs/x"] {
        assert_eq!(server.get(path).send().code(), "404 route_not_found", "{path}");
    }
}
