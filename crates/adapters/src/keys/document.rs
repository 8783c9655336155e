//! The document in which keys are published (RFC 7517).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use super::{DOCUMENT_BYTES_MAX, KEYS_MAX, KeysUnavailable, Material, PublicKey};

/// Shorter ones can be broken (RFC 7518, 3.3); far longer ones only cost time.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
const EXPONENT_BYTES_MAX: usize = 8;
const CURVE_BYTES: usize = 32;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    kid: String,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a document that signatures can be checked with. One that can't be read, or has no
/// name, takes none of the others with it.
pub(super) fn parse(text: &[u8]) -> Result<Vec<PublicKey>, KeysUnavailable> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let why = format!("the document has more than {DOCUMENT_BYTES_MAX} bytes");
        return Err(KeysUnavailable(why));
    }
    let document: Document = serde_json::from_slice(text)
        .map_err(|error| KeysUnavailable(format!("not a document of keys: {error}")))?;
    let entries = document.keys.into_iter().take(KEYS_MAX);
    Ok(entries.filter_map(|it| public_key(serde_json::from_value(it).ok()?)).collect())
}

fn public_key(entry: Entry) -> Option<PublicKey> {
    let for_signatures = entry.r#use.as_deref().is_none_or(|it| it == "sig")
        && entry.key_ops.as_ref().is_none_or(|it| it.iter().any(|it| it == "verify"));
    if !for_signatures {
        return None;
    }
    let curve = |text: Option<String>| text.filter(|it| length(it) == Some(CURVE_BYTES));
    let material = match (entry.kty.as_str(), entry.crv.as_deref()) {
        ("RSA", _) => {
            let is_strong = |it: &String| significant(it).is_some_and(|it| RSA_BYTES.contains(&it));
            let is_short = |it: &String| significant(it).is_some_and(|it| it <= EXPONENT_BYTES_MAX);
            let (modulus, exponent) = (entry.n.filter(is_strong), entry.e.filter(is_short));
            Material::Rsa { modulus: modulus?, exponent: exponent? }
        }
        ("EC", Some("P-256")) => Material::P256 { x: curve(entry.x)?, y: curve(entry.y)? },
        ("OKP", Some("Ed25519")) => Material::Ed25519 { x: curve(entry.x)? },
        _ => return None,
    };
    Some(PublicKey { key_id: entry.kid, algorithm: entry.alg, material })
}

fn length(text: &str) -> Option<usize> {
    URL_SAFE_NO_PAD.decode(text).ok().map(|it| it.len())
}

/// How many bytes a number has, whatever zeros stand in front of it.
fn significant(text: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.iter().skip_while(|byte| **byte == 0).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xa5; bytes])
    }

    fn names(keys: &Value) -> Vec<String> {
        let text = json!({ "keys": keys }).to_string();
        parse(text.as_bytes()).unwrap().into_iter().map(|it| it.key_id).collect()
    }

    #[test]
    fn keys_of_known_kinds_are_read() {
        let (n, x, y) = (number(256), number(32), number(32));
        let text = json!({"keys": [
            {"kty": "RSA", "kid": "a", "n": n, "e": "AQAB", "alg": "PS256", "use": "sig"},
            {"kty": "EC", "crv": "P-256", "kid": "b", "x": x, "y": y, "key_ops": ["verify"]},
            {"kty": "OKP", "crv": "Ed25519", "kid": "c", "x": x, "x5t": "more"},
        ]});
        let key = |key_id: &str, algorithm: Option<&str>, material| PublicKey {
            key_id: key_id.into(),
            algorithm: algorithm.map(Into::into),
            material,
        };
        let expected = [
            key("a", Some("PS256"), Material::Rsa { modulus: n, exponent: "AQAB".into() }),
            key("b", None, Material::P256 { x: x.clone(), y }),
            key("c", None, Material::Ed25519 { x }),
        ];
        assert_eq!(parse(text.to_string().as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_proves_nothing_is_left_out() {
        let (n, x) = (number(256), number(32));
        let weak = format!("{}{}", "A".repeat(344), number(64));
        let good = json!({"kty": "OKP", "crv": "Ed25519", "kid": "good", "x": x});
        for bad in [
            json!(null),
            json!({"kty": "oct", "kid": "bad", "k": "c2VjcmV0"}),
            json!({"kty": "RSA", "n": n, "e": "AQAB"}),
            json!({"kty": "RSA", "kid": 7, "n": n, "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "bad", "n": n}),
            json!({"kty": "RSA", "kid": "bad", "n": number(255), "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "bad", "n": weak, "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "bad", "n": number(1025), "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "bad", "n": n, "e": number(9)}),
            json!({"kty": "RSA", "kid": "bad", "n": n, "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "kid": "bad", "n": n, "e": "AQAB", "key_ops": ["encrypt"]}),
            json!({"kty": "EC", "crv": "P-384", "kid": "bad", "x": x, "y": x}),
            json!({"kty": "EC", "crv": "P-256", "kid": "bad", "x": x, "y": number(31)}),
            json!({"kty": "OKP", "crv": "X25519", "kid": "bad", "x": x}),
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "bad", "x": "not base64"}),
        ] {
            assert_eq!(names(&json!([bad, good, bad])), ["good"], "{bad}");
        }
    }

    #[test]
    fn what_is_no_document_of_keys_is_told() {
        for text in ["", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(parse(br#"{"keys": []}"#), Ok(Vec::new()), "an issuer may have none left");
        let long = format!(r#"{{"keys": []{}}}"#, " ".repeat(DOCUMENT_BYTES_MAX));
        assert!(parse(long.as_bytes()).is_err());
        let many = vec![json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": number(32)}); 200];
        assert_eq!(names(&many.into()).len(), KEYS_MAX);
    }
}
