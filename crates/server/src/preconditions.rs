//! Optimistic concurrency: a thing's strong `ETag` is its version, `"7"`.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::problem::Problem;

/// The `ETag` of a version.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("digits and quotes are a header value")
}

/// `If-Match`: change the thing only if it is still this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Tags);

impl IfMatch {
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        // Strong comparison (RFC 9110, 8.8.3.2): a weak tag never matches.
        let tags = read_tags(headers, &IF_MATCH, |tag| tag.weak)?;
        Ok(tags.map(IfMatch))
    }

    /// Whether the header lets a thing of this version be changed; `None`: there is no such thing.
    pub fn allows(&self, version: Option<i64>) -> bool {
        self.0.include(version)
    }

    /// The versions named; `None` for `*`, that is, whichever the thing has.
    pub fn versions(&self) -> Option<&[i64]> {
        match &self.0 {
            Tags::Any => None,
            Tags::Versions(versions) => Some(versions),
        }
    }
}

/// `If-None-Match`: answer with the thing only if it is another one than the client has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfNoneMatch(Tags);

impl IfNoneMatch {
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        // Weak comparison: proxies that recode a body weaken its tag.
        let tags = read_tags(headers, &IF_NONE_MATCH, |_| false)?;
        Ok(tags.map(IfNoneMatch))
    }

    /// Whether a GET of this version is answered with 304.
    pub fn is_current(&self, version: i64) -> bool {
        self.0.include(Some(version))
    }

    /// Whether a PUT may go on: `*` asks that the thing be not there yet.
    pub fn allows(&self, version: Option<i64>) -> bool {
        !self.0.include(version)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    Versions(Vec<i64>),
}

impl Tags {
    fn include(&self, version: Option<i64>) -> bool {
        match (self, version) {
            (_, None) => false,
            (Tags::Any, Some(_)) => true,
            (Tags::Versions(versions), Some(version)) => versions.contains(&version),
        }
    }
}

struct Tag<'h> {
    weak: bool,
    opaque: &'h str,
}

/// Tags that are not ours are well-formed and match nothing.
fn read_tags(
    headers: &HeaderMap,
    name: &HeaderName,
    ignored: impl Fn(&Tag<'_>) -> bool,
) -> Result<Option<Tags>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let mut versions = Vec::new();
    for line in headers.get_all(name) {
        let line = line.to_str().map_err(|_| malformed(name))?.trim();
        if line == "*" {
            return Ok(Some(Tags::Any));
        }
        let mut rest = line;
        while !rest.is_empty() {
            let (tag, after) = split_tag(rest).ok_or_else(|| malformed(name))?;
            if !ignored(&tag) {
                versions.extend(version_of(&tag));
            }
            rest = after;
        }
    }
    Ok(Some(Tags::Versions(versions)))
}

/// Only the spelling that we give out is ours: `"07"` or `"+7"` are another tag than `"7"`.
fn version_of(tag: &Tag<'_>) -> Option<i64> {
    let version: i64 = tag.opaque.parse().ok()?;
    (version.to_string() == tag.opaque).then_some(version)
}

/// Takes one tag and the comma behind it off the front of a list.
fn split_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
    let after = after.trim_start();
    let rest = if after.is_empty() { after } else { after.strip_prefix(',')?.trim_start() };
    Some((Tag { weak, opaque }, rest))
}

fn malformed(name: &HeaderName) -> Problem {
    let detail = format!("{name} must be * or a list of entity tags such as \"7\"");
    Problem::new(StatusCode::BAD_REQUEST, "invalid_header", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a header value"))])
    }

    #[test]
    fn if_match_compares_strongly() {
        let check = |value: &str, allowed: Result<bool, u16>, when_absent: bool| {
            let read = IfMatch::read(&headers(IF_MATCH, value));
            let read = read.map(|header| header.expect("the header is there"));
            let found = read.as_ref().map(|header| header.allows(Some(7)));
            assert_eq!(found.map_err(|problem| problem.status().as_u16()), allowed, "{value}");
            assert_eq!(read.is_ok_and(|header| header.allows(None)), when_absent, "{value}");
        };
        check("\"7\"", Ok(true), false);
        check("\"6\", \"7\"", Ok(true), false);
        check("\"6\",\"7\",", Ok(true), false);
        check("*", Ok(true), false);
        check("W/\"7\"", Ok(false), false);
        check("\"8\"", Ok(false), false);
        check("\"07\"", Ok(false), false);
        check("\"+7\"", Ok(false), false);
        check("\"abc, def\", \"7\"", Ok(true), false);
        check("", Ok(false), false);
        for malformed in ["7", "\"7", "\"7\" \"8\"", "w/\"7\"", "\"7\"; \"8\""] {
            check(malformed, Err(400), false);
        }
        assert_eq!(IfMatch::read(&HeaderMap::new()).ok(), Some(None));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let check = |value: &str, current: bool, may_create: bool| {
            let read = IfNoneMatch::read(&headers(IF_NONE_MATCH, value)).ok().flatten();
            let read = read.expect("the header is valid");
            assert_eq!(read.is_current(7), current, "{value}");
            assert_eq!(read.allows(None), may_create, "{value}");
        };
        check("\"7\"", true, true);
        check("W/\"7\"", true, true);
        check("\"8\"", false, true);
        check("*", true, true);
    }

    #[test]
    fn a_version_is_its_tag() {
        assert_eq!(etag(7), "\"7\"");
        let read = IfMatch::read(&headers(IF_MATCH, "\"7\"")).ok().flatten();
        assert_eq!(read.as_ref().and_then(IfMatch::versions), Some(&[7][..]));
    }

    proptest! {
        #[test]
        fn any_header_is_judged(value in "[\"W/*, 0-9a-z]{0,30}") {
            let _ = IfMatch::read(&headers(IF_MATCH, &value));
        }
    }
}
