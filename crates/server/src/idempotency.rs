//! The `Idempotency-Key` header, and what makes two requests the same request.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use sha2::{Digest, Sha256};

use crate::auth::Caller;
use crate::json::Json;
use crate::json::number::Number;
use crate::problem::Problem;

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

const LENGTH_MAX: usize = 255;

/// The key of a request, without the quotes of the IETF draft's spelling (an RFC 8941 string).
pub fn key(headers: &HeaderMap) -> Result<Option<Cow<'_, str>>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(refuse("Idempotency-Key must be given once"));
    }
    let key = value.to_str().ok().and_then(|text| unquote(text.trim()));
    let is_valid = |key: &Cow<'_, str>| {
        (1..=LENGTH_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key.filter(is_valid) {
        Some(key) => Ok(Some(key)),
        None => Err(refuse("Idempotency-Key must be 1 to 255 visible ASCII characters")),
    }
}

/// A key is its caller's own: the same key of two callers is two keys.
pub fn key_hash(caller: &Caller, key: &str) -> [u8; 16] {
    let mut hasher = Sha256::new();
    update_text(&mut hasher, caller.issuer());
    update_text(&mut hasher, caller.subject());
    update_text(&mut hasher, key);
    cut(hasher)
}

/// Equal for requests that ask for the same. Bodies are compared by their meaning: the order of
/// members, white space, escapes and the spelling of numbers are no part of it.
pub fn fingerprint(
    method: &Method,
    path: &str,
    query: Option<&str>,
    body: Option<&Json<'_>>,
) -> [u8; 16] {
    let mut hasher = Sha256::new();
    update_text(&mut hasher, method.as_str());
    update_text(&mut hasher, path);
    update_text(&mut hasher, query.unwrap_or_default());
    if let Some(body) = body {
        update_json(&mut hasher, body);
    }
    cut(hasher)
}

fn refuse(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", detail)
}

fn unquote(text: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = text.strip_prefix('"') else { return Some(Cow::Borrowed(text)) };
    let inner = quoted.strip_suffix('"')?;
    if !inner.contains(['"', '\\']) {
        return Some(Cow::Borrowed(inner));
    }
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            other => plain.push(other),
        }
    }
    Some(Cow::Owned(plain))
}

/// The length goes first, so that no two sequences of texts read the same.
fn update_text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text);
}

fn update_json(hasher: &mut Sha256, tree: &Json<'_>) {
    match tree {
        Json::Null => hasher.update(b"n"),
        Json::Bool(true) => hasher.update(b"t"),
        Json::Bool(false) => hasher.update(b"f"),
        Json::Number(text) => update_number(hasher, text),
        Json::String(text) => {
            hasher.update(b"s");
            update_text(hasher, text);
        }
        Json::Array(elements) => {
            hasher.update(b"[");
            elements.iter().for_each(|element| update_json(hasher, element));
            hasher.update(b"]");
        }
        Json::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
            hasher.update(b"{");
            for (key, value) in sorted {
                update_text(hasher, key);
                update_json(hasher, value);
            }
            hasher.update(b"}");
        }
    }
}

fn update_number(hasher: &mut Sha256, text: &str) {
    let Some(number) = Number::read(text) else {
        // Beyond all that has a meaning here: only the same text is the same number.
        hasher.update(b"#");
        update_text(hasher, text);
        return;
    };
    hasher.update(if number.is_negative() { b"-" } else { b"+" });
    hasher.update(number.exponent().to_le_bytes());
    for digit in number.digits() {
        hasher.update([digit]);
    }
    hasher.update(b";");
}

fn cut(hasher: Sha256) -> [u8; 16] {
    let hash = hasher.finalize();
    let mut cut = [0; 16];
    cut.copy_from_slice(&hash[..16]);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use proptest::prelude::*;

    #[test]
    fn both_spellings_of_a_key_are_one() {
        let check = |value: &str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(IDEMPOTENCY_KEY, value.parse().expect("a header value"));
            let found = key(&headers).ok().map(|key| key.expect("the header is there"));
            assert_eq!(found.as_deref(), expected, "{value}");
        };
        let longest = "k".repeat(255);
        check("8e03978e-40d5-43dd", Some("8e03978e-40d5-43dd"));
        check("\"8e03978e-40d5-43dd\"", Some("8e03978e-40d5-43dd"));
        check(r#""a\"b\\c""#, Some(r#"a"b\c"#));
        check(r#"a"b\c"#, Some(r#"a"b\c"#));
        check(&longest, Some(&longest));
        check(&format!("\"{longest}\""), Some(&longest));
        check(&format!("{longest}k"), None);
        for invalid in ["", "\"\"", "\"", "\"abc", "\"a\"b\"", r#""a\b""#, "a b", "\"a b\"", "kéy"]
        {
            check(invalid, None);
        }
        assert_eq!(key(&HeaderMap::new()).ok(), Some(None));
        let mut twice = HeaderMap::new();
        twice.append(IDEMPOTENCY_KEY, "a".parse().expect("a header value"));
        twice.append(IDEMPOTENCY_KEY, "b".parse().expect("a header value"));
        assert_eq!(key(&twice).err().map(|problem| problem.status().as_u16()), Some(400));
    }

    fn of_body(body: &str) -> [u8; 16] {
        let tree = parse(body.as_bytes()).expect("the document is valid");
        fingerprint(&Method::POST, "/api/orders", None, Some(&tree))
    }

    #[test]
    fn bodies_are_compared_by_meaning() {
        let check = |left: &str, right: &str, same: bool| {
            assert_eq!(of_body(left) == of_body(right), same, "{left} and {right}");
        };
        check(r#"{"a":1,"b":[true,null]}"#, r#" { "b" : [ true, null ], "a": 1.0 } "#, true);
        check(r#"{"a":"é/"}"#, r#"{"a":"\u00e9\/"}"#, true);
        check("10.1", "10.10", true);
        check("10.1", "1.01e1", true);
        check("1e99999999999", "1e99999999999", true);
        check("1e99999999999", "1e99999999998", false);
        check("[1,2]", "[2,1]", false);
        check("[12]", "[1,2]", false);
        check("[[1],2]", "[[1,2]]", false);
        check(r#"{"a":1}"#, r#"{"a":"1"}"#, false);
        check(r#"{"a":null}"#, "{}", false);
        check(r#"["ab","c"]"#, r#"["a","bc"]"#, false);
        check("-1", "1", false);
    }

    #[test]
    fn method_path_query_and_caller_count() {
        let body = Json::Null;
        let base = fingerprint(&Method::POST, "/a", None, Some(&body));
        assert_ne!(base, fingerprint(&Method::PUT, "/a", None, Some(&body)));
        assert_ne!(base, fingerprint(&Method::POST, "/b", None, Some(&body)));
        assert_ne!(base, fingerprint(&Method::POST, "/a", Some("x"), Some(&body)));
        assert_ne!(base, fingerprint(&Method::POST, "/a", None, None));
        let hash = |issuer, subject, key| key_hash(&Caller::new(issuer, subject, ""), key);
        assert_eq!(hash("orderd", "u1", "k"), hash("orderd", "u1", "k"));
        assert_ne!(hash("orderd", "u1", "k"), hash("orderd", "u2", "k"));
        assert_ne!(hash("orderd", "u1", "k"), hash("other", "u1", "k"));
        assert_ne!(hash("orderd", "u1", "k"), hash("orderd", "u", "1k"));
    }

    proptest! {
        #[test]
        fn any_header_is_judged(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(value) = axum::http::HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert(IDEMPOTENCY_KEY, value);
                let _ = key(&headers);
            }
        }
    }
}
