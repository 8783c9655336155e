//! A JSON document as a tree that borrows from the request's bytes.
//!
//! serde_json does the scanning; the tree is our own because a request is judged by what stands
//! in it: numbers keep their text (money is never a float), a key that appears twice is a fault
//! rather than a race between readers, and nesting is bounded.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Faults, FieldError, Path};

/// Arrays and objects inside one another, the outermost counted.
pub const NESTING_MAX: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    /// The number's text as the client wrote it.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    /// In the order of the document; no key twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl Json<'_> {
    /// What a fault calls a value of this kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

/// Reads a whole document, or says everything that makes it unreadable.
pub fn parse(bytes: &[u8]) -> Result<Json<'_>, Vec<FieldError>> {
    let faults = Faults::default();
    let refuse =
        |code, detail: String| Err(vec![FieldError { pointer: String::new(), code, detail }]);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return refuse("invalid_json", "must not begin with a byte order mark".to_owned());
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let detail = format!("must be UTF-8; byte {} is not", error.valid_up_to());
            return refuse("invalid_utf8", detail);
        }
    };
    // Scanning it raw proves the syntax of the whole document, however deep, without recursion.
    let raw: &RawValue = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return refuse("invalid_json", format!("must be valid JSON: {error}")),
    };
    let tree = read(raw, Place { path: Path::ROOT, nesting: 0 }, &faults);
    if faults.is_empty() { Ok(tree) } else { Err(faults.into_list()) }
}

#[derive(Clone, Copy)]
struct Place<'p> {
    path: Path<'p>,
    nesting: usize,
}

/// Reads one value whose syntax is known to be right. A fault is reported and leaves `Null`.
fn read<'a>(raw: &'a RawValue, place: Place<'_>, faults: &Faults) -> Json<'a> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Json::Null,
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'"') => read_string(text, place, faults),
        Some(b'[') => read_container(text, place, faults, Container::Array),
        Some(b'{') => read_container(text, place, faults, Container::Object),
        Some(_) | None => Json::Number(text),
    }
}

fn read_string<'a>(text: &'a str, place: Place<'_>, faults: &Faults) -> Json<'a> {
    if !text.contains('\\') {
        return Json::String(Cow::Borrowed(&text[1..text.len() - 1]));
    }
    match serde_json::from_str::<String>(text) {
        Ok(string) => Json::String(Cow::Owned(string)),
        Err(_) => {
            let detail = "must not hold half of a surrogate pair";
            faults.add(place.path.pointer(), "invalid_json", detail);
            Json::Null
        }
    }
}

#[derive(Clone, Copy)]
enum Container {
    Array,
    Object,
}

fn read_container<'a>(
    text: &'a str,
    place: Place<'_>,
    faults: &Faults,
    container: Container,
) -> Json<'a> {
    if place.nesting == NESTING_MAX {
        let detail = format!("must not be nested deeper than {NESTING_MAX}");
        faults.add(place.path.pointer(), "nesting_too_deep", detail);
        return Json::Null;
    }
    let inside = Place { path: place.path, nesting: place.nesting + 1 };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let visitor = Members { place: &inside, faults };
    let read = match container {
        Container::Array => deserializer.deserialize_seq(visitor),
        Container::Object => deserializer.deserialize_map(visitor),
    };
    read.unwrap_or_else(|_| {
        let detail = "must not have a key with half of a surrogate pair";
        faults.add(place.path.pointer(), "invalid_json", detail);
        Json::Null
    })
}

struct Members<'m> {
    place: &'m Place<'m>,
    faults: &'m Faults,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(raw) = sequence.next_element::<&RawValue>()? {
            let path = self.place.path.index(elements.len());
            let place = Place { path, nesting: self.place.nesting };
            elements.push(read(raw, place, self.faults));
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            let raw = map.next_value::<&RawValue>()?;
            let place = Place { path: self.place.path.key(&key), nesting: self.place.nesting };
            let value = read(raw, place, self.faults);
            members.push((key, value));
        }
        report_duplicates(&members, &self.place.path, self.faults);
        Ok(Json::Object(members))
    }
}

/// serde's own `Cow<str>` never borrows.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Small objects are compared pair by pair, which is faster than hashing and allocates nothing.
const COMPARED_PAIRWISE_MAX: usize = 16;

fn report_duplicates(members: &[(Cow<'_, str>, Json<'_>)], path: &Path<'_>, faults: &Faults) {
    let report = |key: &str| {
        faults.add(path.key(key).pointer(), "duplicate_key", "must not be given twice");
    };
    if members.len() <= COMPARED_PAIRWISE_MAX {
        for (index, (key, _)) in members.iter().enumerate() {
            if members[..index].iter().any(|(earlier, _)| earlier == key) {
                report(key);
            }
        }
        return;
    }
    let mut seen = HashSet::with_capacity(members.len());
    for (key, _) in members {
        if !seen.insert(key.as_ref()) {
            report(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documents_are_read_as_they_are_written() {
        let tree = parse(br#" {"b": [1, 2.50, -0e+1], "a": {"\u0061\n": null}, "c": "x\"y"} "#);
        let expected = Json::Object(vec![
            ("b".into(), Json::Array(["1", "2.50", "-0e+1"].map(Json::Number).into())),
            ("a".into(), Json::Object(vec![("a\n".into(), Json::Null)])),
            ("c".into(), Json::String("x\"y".into())),
        ]);
        assert_eq!(tree, Ok(expected));
        assert_eq!(parse(b"true"), Ok(Json::Bool(true)));
        assert_eq!(parse(b"[]"), Ok(Json::Array(vec![])));
    }

    fn check(bytes: &[u8], expected: &[(&str, &str)]) {
        let found = parse(bytes).expect_err("the document is faulty");
        let found: Vec<(&str, &str)> =
            found.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{'a':1}",
            "nul",
            "01",
            "+1",
            "1.",
            ".5",
            "NaN",
            "-",
            "\"a",
            "\"\\x\"",
            "\"\t\"",
            "{} {}",
            "1 2",
            "[1]x",
            "// c\n1",
            "\u{feff}1",
        ] {
            check(text.as_bytes(), &[("", "invalid_json")]);
        }
        check(b"\"\xff\"", &[("", "invalid_utf8")]);
        check(b"\xff\xfe1\x00", &[("", "invalid_utf8")]);
        check(
            br#"{"a": ["\ud800"], "b": "\udc00x"}"#,
            &[("/a/0", "invalid_json"), ("/b", "invalid_json")],
        );
        check(br#"{"a": {"\ud800": 1}}"#, &[("/a", "invalid_json")]);
    }

    #[test]
    fn keys_given_twice_are_all_named() {
        check(
            br#"{"a":1,"b":{"c":1,"c":2},"\u0061":3}"#,
            &[("/b/c", "duplicate_key"), ("/a", "duplicate_key")],
        );
        let members: Vec<String> = (0..100).map(|number| format!("\"k{number}\":1")).collect();
        let document = format!("[{{{},\"k7\":2}}]", members.join(","));
        check(document.as_bytes(), &[("/0/k7", "duplicate_key")]);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(NESTING_MAX).as_bytes()).is_ok());
        check(nested(NESTING_MAX + 1).as_bytes(), &[(&"/0".repeat(32), "nesting_too_deep")]);
        check(nested(100_000).as_bytes(), &[(&"/0".repeat(32), "nesting_too_deep")]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_tokens_are_judged_as_serde_json_does(
            text in r#"(\{|\}|\[|\]|,|:|"a"|"\\u00e9"|null|true|-1|0|2\.5|1e9| ){0,20}"#,
        ) {
            let ours = parse(text.as_bytes());
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let duplicate = matches!(&ours, Err(faults) if faults[0].code == "duplicate_key");
            // Here a number is text, of any size; there it has to fit a float.
            let too_large = matches!(&theirs, Err(why) if why.to_string().contains("out of range"));
            prop_assert!(duplicate || too_large || ours.is_ok() == theirs.is_ok());
        }
    }
}
