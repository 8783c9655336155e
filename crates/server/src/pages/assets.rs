//! Files that pages load. They are in the binary, compressed where they are large.

use std::{io::Read, sync::LazyLock};

use axum::{
    extract::Path,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::{problem::Problem, routes::no_such_route};

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    is_gzip: bool,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

const ASSETS: [Asset; 8] = [
    plain("checkout.css", CSS, include_bytes!("../../assets/checkout.css")),
    plain("page.css", CSS, include_bytes!("../../assets/page.css")),
    plain("retrieval.css", CSS, include_bytes!("../../assets/retrieval.css")),
    plain("retrieval.js", JAVASCRIPT, include_bytes!("../../assets/retrieval.js")),
    plain("snippets.js", JAVASCRIPT, include_bytes!("../../assets/snippets.js")),
    plain("start.js", JAVASCRIPT, include_bytes!("../../assets/start.js")),
    gzip("swagger-ui.css", CSS, include_bytes!("../../assets/swagger-ui/swagger-ui.css.gz")),
    gzip(
        "swagger-ui-bundle.js",
        JAVASCRIPT,
        include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.gz"),
    ),
];

/// A browser asks each time whether its copy is still right: it may be of an older release.
const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");

const fn plain(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, bytes, is_gzip: false }
}

const fn gzip(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, bytes, is_gzip: true }
}

pub(crate) async fn get(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(asset) = ASSETS.iter().find(|it| it.name == name) else {
        return Err(no_such_route().await);
    };
    let gzip = asset.is_gzip && takes_gzip(&headers);
    let etag = etag(asset, gzip);
    let mut response = if headers.get(IF_NONE_MATCH) == Some(&etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if gzip || !asset.is_gzip {
        asset.bytes.into_response()
    } else {
        unpacked(asset.bytes).ok_or_else(Problem::internal)?.into_response()
    };
    let to = response.headers_mut();
    to.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    to.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    to.insert(CACHE_CONTROL, ALWAYS_ASK);
    to.insert(VARY, HeaderValue::from_static("accept-encoding"));
    to.insert(ETAG, etag);
    if gzip {
        to.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// Every browser does; `gzip;q=0` is a way to say no.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    lines.flat_map(|it| it.split(',')).any(|it| {
        let mut parts = it.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && !parts.any(|it| it.strip_prefix("q=").is_some_and(|it| it.parse() == Ok(0.0_f32)))
    })
}

/// A packed file has another tag than the same one unpacked.
fn etag(asset: &Asset, gzip: bool) -> HeaderValue {
    static HASHES: LazyLock<Vec<(&str, u64)>> =
        LazyLock::new(|| ASSETS.iter().map(|it| (it.name, hash(it.bytes))).collect());
    let found = HASHES.iter().find(|(name, _)| *name == asset.name);
    let hash = found.map(|(_, hash)| *hash).unwrap_or_default();
    let form = if gzip { "-gzip" } else { "" };
    let text = format!("\"{hash:016x}{form}\"");
    HeaderValue::try_from(text).expect("a number in quotes is visible ASCII")
}

fn hash(bytes: &[u8]) -> u64 {
    Sha256::digest(bytes).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut whole).ok()?;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_given_to_whoever_takes_it() {
        let check = |text: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, text.parse().expect("a header value"));
            assert_eq!(takes_gzip(&headers), expected, "{text}");
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.5", true);
        check("identity", false);
        check("gzip;q=0, br", false);
        check("gzip; q=0.0", false);
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        for asset in ASSETS.iter().filter(|it| it.is_gzip) {
            let whole = unpacked(asset.bytes).expect("it is gzip");
            assert!(whole.len() > asset.bytes.len(), "{}", asset.name);
            assert!(std::str::from_utf8(&whole).is_ok(), "{}", asset.name);
        }
    }
}
