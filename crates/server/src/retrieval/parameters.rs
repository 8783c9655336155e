//! What a shop asks, read leniently: numbers may come as texts and texts as numbers, truth in
//! either spelling, null and an empty text are as good as nothing, and what is not known is passed
//! over.

use std::borrow::Cow;

use crate::json::Json;

/// A list or an object where one word is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotOneWord;

/// The members of a body.
pub(super) struct Parameters<'t>(&'t [(Cow<'t, str>, Json<'t>)]);

impl<'t> Parameters<'t> {
    /// `None` if it is no object.
    pub(super) fn of(tree: &'t Json<'t>) -> Option<Parameters<'t>> {
        match tree {
            Json::Object(members) => Some(Parameters(members)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => None,
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&'t Json<'t>> {
        let named = self.0.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value).filter(|it| **it != Json::Null)
    }

    pub(super) fn word(&self, name: &str) -> Result<Option<&'t str>, NotOneWord> {
        self.value(name).map_or(Ok(None), word)
    }

    /// The same for what is only compared and told: what is no word is told by its kind.
    pub(super) fn text(&self, name: &str) -> Option<&'t str> {
        let value = self.value(name)?;
        word(value).unwrap_or(Some(value.kind()))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        let is_true = |it: &str| it.eq_ignore_ascii_case("true") || it == "1";
        self.text(name).is_some_and(is_true)
    }
}

/// A text, a number or a truth as a text; nothing where it is empty.
pub(super) fn word<'t>(value: &'t Json<'t>) -> Result<Option<&'t str>, NotOneWord> {
    let text = match value {
        Json::Null => "",
        Json::Bool(true) => "true",
        Json::Bool(false) => "false",
        Json::Number(text) => text,
        Json::String(text) => text.trim(),
        Json::Array(_) | Json::Object(_) => return Err(NotOneWord),
    };
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn words_are_read_leniently() {
        let document = br#"{"a": " 1-2 ", "b": 7, "c": null, "d": "", "e": [1], "f": true,
            "g": "TRUE", "h": 1, "i": "1", "j": 0, "k": "no", "l": 1.50}"#;
        let tree = parse(document).expect("a document");
        let asked = Parameters::of(&tree).expect("an object");
        let words = ["a", "b", "c", "d", "l", "z"].map(|it| asked.word(it));
        let expected = [Some("1-2"), Some("7"), None, None, Some("1.50"), None];
        assert_eq!(words, expected.map(Ok));
        assert_eq!(asked.word("e"), Err(NotOneWord));
        assert_eq!(asked.text("e"), Some("an array"));
        let flags = ["c", "e", "f", "g", "h", "i", "j", "k", "z"].map(|it| asked.flag(it));
        assert_eq!(flags, [false, false, true, true, true, true, false, false, false]);
        assert!(Parameters::of(&parse(b"[]").expect("a document")).is_none());
    }
}
