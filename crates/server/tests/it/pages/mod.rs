//! Pages for people.

mod browser;
mod buyer;
mod checkout;
mod docs;
mod problems;
mod retrieval;

use testkit::server::Reply;

/// What the policy of a page allows for one kind of thing.
fn allowed<'r>(page: &'r Reply, kind: &str) -> Option<&'r str> {
    let policy = page.header("content-security-policy").expect("a page has a policy");
    policy.split(';').find_map(|it| it.trim().strip_prefix(kind)?.strip_prefix(' '))
}

/// It is a page, and a browser that keeps to its policy asks this server alone.
#[track_caller]
fn assert_kept_at_home(page: &Reply) {
    assert_eq!(page.status, 200, "{page}");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(allowed(page, "default-src"), Some("'none'"));
    for kind in ["script-src", "connect-src", "style-src", "img-src"] {
        let sources = allowed(page, kind).unwrap_or_default();
        for source in sources.split(' ').filter(|it| !it.is_empty()) {
            assert!(["'self'", "data:"].contains(&source), "{kind} {source}");
        }
    }
    for kind in ["base-uri", "form-action", "frame-ancestors"] {
        assert_eq!(allowed(page, kind), Some("'none'"), "{kind}");
    }
    assert!(!page.body.contains("://"), "a page names no other address: {page}");
}

/// What a page loads, by its tags.
fn loaded(page: &Reply) -> Vec<String> {
    let scripts = page.body.split("src=\"").skip(1);
    let styles = page.body.split("rel=\"stylesheet\" href=\"").skip(1);
    let found = scripts.chain(styles).filter_map(|it| it.split('"').next());
    found.map(str::to_owned).collect()
}
