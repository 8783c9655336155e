//! `GET /problems/{code}`: every code that a problem may have is explained.

use std::{collections::BTreeSet, fs, path::Path};

use server::problem::codes::{CODES, Code};
use testkit::server::TestServer;

use super::assert_kept_at_home;

#[test]
fn every_code_has_its_page() {
    let server = TestServer::start();
    for Code { name, status, meaning, .. } in CODES {
        let page = server.get(&format!("/problems/{name}")).send();
        assert_kept_at_home(&page);
        assert!(page.body.contains(&format!("status {status}")), "{page}");
        let words = meaning.split('`').next().unwrap().replace('"', "&quot;");
        assert!(page.body.contains(&words), "{name}: {page}");
    }
    for path in ["/problems", "/problems/"] {
        let list = server.get(path).send();
        assert_kept_at_home(&list);
        for Code { name, .. } in CODES {
            assert!(list.body.contains(&format!("href=\"/problems/{name}\"")), "{name}");
        }
    }
}

#[test]
fn a_refusal_leads_to_its_page() {
    let server = TestServer::start();
    let refused = server.get("/api/orders").send();
    assert_eq!(refused.text("/type"), "/problems/token_required");
    let page = server.get(&refused.text("/type")).send();
    assert!(page.body.contains("<h1>Token required</h1>"), "{page}");
}

#[test]
fn other_codes_have_none() {
    let server = TestServer::start();
    for path in ["/problems/x", "/problems/Token_required", "/problems/%3Cb%3E", "/problems/a/b"] {
        assert_eq!(server.get(path).send().code(), "404 route_not_found", "{path}");
    }
}

/// Codes are texts where they are used. Each text that stands where a code does has its row, and
/// each row is used.
#[test]
fn the_table_has_the_codes_of_the_source_and_no_others() {
    let mut met = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (path, source) in sources(&root) {
        if path.ends_with("problem/codes.rs") {
            continue;
        }
        for code in codes(source.split("#[cfg(test)]").next().unwrap_or_default()) {
            assert!(Code::named(&code).is_some(), "{path} has the code {code}, and no row for it");
            met.insert(code);
        }
    }
    let unused = CODES.iter().map(|it| it.name).filter(|it| !met.contains(*it));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&str>::new(), "rows that nothing uses");
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The first text after each of these is a code, or there is none before the bracket closes.
const BEFORE_CODES: [&str; 12] = [
    "Problem::new(",
    "Problem::unavailable(",
    "not_found(",
    "unauthorized(",
    "(BAD, ",
    "(NOT_FOUND, ",
    "(FORBIDDEN, ",
    "(CONFLICT, ",
    "(STALE, ",
    "(StatusCode::SERVICE_UNAVAILABLE, ",
    "(StatusCode::BAD_GATEWAY, ",
    "OWN_PROBLEM: ",
];

fn codes(source: &str) -> Vec<String> {
    let is_code = |text: &&str| {
        !text.is_empty()
            && text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
    };
    let mut found = Vec::new();
    for before in BEFORE_CODES {
        for after in source.split(before).skip(1) {
            let end = if before == "OWN_PROBLEM: " { "];" } else { ")" };
            let call = after.split(end).next().unwrap_or_default();
            let texts: Vec<&str> = call.split('"').skip(1).step_by(2).collect();
            let take = if end == "];" { texts.len() } else { 1 };
            found.extend(texts.into_iter().take(take).filter(is_code).map(str::to_owned));
        }
    }
    // The two that have a name of their own.
    let named = ["CARD_DATA_REFUSED: &str = \"", "_ => \"validation_failed"];
    found.extend(source.contains(named[0]).then(|| "card_data_refused".to_owned()));
    found.extend(source.contains(named[1]).then(|| "validation_failed".to_owned()));
    found
}
