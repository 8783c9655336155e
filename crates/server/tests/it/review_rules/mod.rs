mod get;
mod put;
mod try_out;

use testkit::server::{Reply, TestServer};

/// Puts rules of store 1, switched on; one of them is enough to stop an order.
pub(crate) fn put_rules(server: &TestServer, rules: &str) {
    let reply =
        put(server, "", &format!(r#""enabled": true, "threshold": 100, "rules": [{rules}]"#));
    assert_eq!(reply.status, 200, "{reply}");
}

fn put(server: &TestServer, query: &str, members: &str) -> Reply {
    let call = server.put(&format!("/api/review-rules{query}")).by(&server.staff());
    call.json(format!("{{{members}}}")).send()
}

/// A rule with these members.
pub(crate) fn rule(id: &str, members: &str) -> String {
    format!(r#"{{"rule_id": "{id}", "score": 100, "reason": "for {id}", {members}}}"#)
}
