//! Content negotiation by the `Accept` header (RFC 9110, 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// The best of the offered media types for this client, given in our own order of preference.
/// Among equal weights the one that the client names more exactly wins, then the earlier one.
/// Without the header, anything goes. `None`: the client accepts none of them.
pub fn choose<'o>(headers: &HeaderMap, offers: &[&'o str]) -> Option<&'o str> {
    if !headers.contains_key(ACCEPT) {
        return offers.first().copied();
    }
    let mut best: Option<(&'o str, Match)> = None;
    for offer in offers {
        let Some(found) = weigh(headers, offer) else { continue };
        if found.weight > 0 && best.is_none_or(|(_, other)| found > other) {
            best = Some((offer, found));
        }
    }
    best.map(|(offer, _)| offer)
}

/// Ordered by weight, then by how exactly the range names the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    /// In thousandths.
    weight: u16,
    exactness: u8,
}

/// The most exact range that covers the type says its weight.
fn weigh(headers: &HeaderMap, media_type: &str) -> Option<Match> {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(','));
    ranges.filter_map(|range| weigh_by_range(range, media_type)).max_by_key(|found| found.exactness)
}

fn weigh_by_range(range: &str, media_type: &str) -> Option<Match> {
    let mut parts = range.split(';').map(str::trim);
    let (range_type, range_subtype) = parts.next()?.split_once('/')?;
    let (own_type, own_subtype) = media_type.split_once('/')?;
    let exactness = match (range_type, range_subtype) {
        ("*", "*") => 0,
        (kind, "*") if kind.eq_ignore_ascii_case(own_type) => 1,
        (kind, subtype)
            if kind.eq_ignore_ascii_case(own_type) && subtype.eq_ignore_ascii_case(own_subtype) =>
        {
            2
        }
        _ => return None,
    };
    let weight = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1000), |(_, text)| thousandths(text.trim()))?;
    Some(Match { weight, exactness })
}

/// `0`, `1`, or up to three decimals between them.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = match whole {
        "0" => format!("{fraction:0<3}").parse().ok()?,
        "1" => 1000,
        _ => return None,
    };
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_best_offer_is_chosen() {
        let check = |accept: &'static str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            let offers = ["application/json", "text/csv", "text/plain"];
            assert_eq!(choose(&headers, &offers), expected, "{accept}");
        };
        check("*/*", Some("application/json"));
        check("text/plain", Some("text/plain"));
        check("Text/Plain; charset=utf-8", Some("text/plain"));
        check("text/plain, */*", Some("text/plain"));
        check("application/json, text/plain, */*", Some("application/json"));
        check("text/html, application/xhtml+xml, */*;q=0.8", Some("application/json"));
        check("text/*", Some("text/csv"));
        check("text/*, text/csv;q=0", Some("text/plain"));
        check("text/plain;q=0.5, application/json;q=0.4", Some("text/plain"));
        check("text/plain;q=0.123, application/json;q=0.13", Some("application/json"));
        check("text/csv;q=1.000", Some("text/csv"));
        check("application/json;q=0, */*;q=0.1", Some("text/csv"));
        check("text/plain;q=7, text/csv", Some("text/csv"));
        check("image/png", None);
        check("*/*;q=0", None);
        check("", None);
        check(";;;,,,/;q=", None);
        assert_eq!(choose(&HeaderMap::new(), &["a/b", "c/d"]), Some("a/b"));
    }
}
