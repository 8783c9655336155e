//! One value of a document, read as the type that is wanted. What is wrong is reported, and the
//! value is then `None`.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::fault::{Faults, Path};
use super::fields::{Fields, Style};
use super::number::Number;
use super::tree::Json;

const ID_LENGTH_MAX: usize = 64;
const MAP_ENTRIES_MAX: usize = 50;
const MAP_KEY_LENGTH_MAX: usize = 40;
const MAP_VALUE_LENGTH_MAX: usize = 500;

/// A field where null says something else than leaving it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nullable<T> {
    Absent,
    Null,
    Value(T),
}

/// `'t` is the document's life, `'p` that of the way to here.
#[derive(Clone, Copy)]
pub struct Field<'t, 'p> {
    value: Option<&'t Json<'t>>,
    required: bool,
    path: Path<'p>,
    style: Style,
    faults: &'p Faults,
}

impl<'t, 'p> Field<'t, 'p> {
    pub fn string(self, length: RangeInclusive<usize>) -> Option<&'t str> {
        let text = self.text()?;
        match string_fault(text, &length) {
            None => Some(text),
            Some((code, detail)) => self.refuse(code, detail),
        }
    }

    /// An id that a client may choose: 1 to 64 of `A–Z a–z 0–9 . _ -`.
    pub fn id(self) -> Option<&'t str> {
        let text = self.text()?;
        if is_id(text) {
            return Some(text);
        }
        self.refuse("invalid_id", format!("must be 1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 . _ -"))
    }

    /// A whole number in any spelling: `2`, `2.0`, `2e0`.
    pub fn integer(self, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.decimal()?;
        match Number::read(text).and_then(Number::to_integer) {
            Some(value) if range.contains(&value) => Some(value),
            Some(_) | None => {
                let (min, max) = range.into_inner();
                self.refuse("out_of_range", format!("must be a whole number from {min} to {max}"))
            }
        }
    }

    pub fn bool(self) -> Option<bool> {
        let value = self.present()?;
        let Json::Bool(flag) = value else { return self.wrong_kind(value, "true or false") };
        Some(*flag)
    }

    /// A number as its exact text, for money.
    pub fn decimal(self) -> Option<&'t str> {
        let value = self.present()?;
        let Json::Number(text) = value else { return self.wrong_kind(value, "a number") };
        Some(text)
    }

    /// One of the words of the table.
    pub fn one_of<T: Copy>(self, table: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        match table.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Some(*value),
            None => self.refuse("unknown_value", must_be_one_of(table)),
        }
    }

    pub fn object(self) -> Option<Fields<'t, 'p>> {
        let members = self.members()?;
        Some(Fields::new(members, self.path, self.style, self.faults))
    }

    /// A list with this many elements.
    pub fn array(self, length: RangeInclusive<usize>) -> Option<Items<'t, 'p>> {
        let value = self.present()?;
        let Json::Array(elements) = value else { return self.wrong_kind(value, "an array") };
        if length.contains(&elements.len()) {
            return Some(Items { elements, field: self });
        }
        let (min, max) = length.into_inner();
        self.refuse("invalid_length", format!("must have {min} to {max} elements"))
    }

    /// Metadata: at most 50 strings by name, in the order given.
    pub fn string_map(self) -> Option<Vec<(&'t str, &'t str)>> {
        let members = self.members()?;
        if members.len() > MAP_ENTRIES_MAX {
            let detail = format!("must have at most {MAP_ENTRIES_MAX} entries");
            return self.refuse("invalid_length", detail);
        }
        let mut entries = Vec::with_capacity(members.len());
        for (key, value) in members {
            let entry =
                Field { value: Some(value), required: true, path: self.path.key(key), ..self };
            let key_is_sound =
                key.chars().count() <= MAP_KEY_LENGTH_MAX && !key.is_empty() && !key.contains('\0');
            if !key_is_sound {
                let detail =
                    format!("must have a name of 1 to {MAP_KEY_LENGTH_MAX} characters without NUL");
                entry.fault("invalid_length", detail);
            }
            let text = entry.string(0..=MAP_VALUE_LENGTH_MAX);
            entries.extend(text.filter(|_| key_is_sound).map(|text| (key.as_ref(), text)));
        }
        (entries.len() == members.len()).then_some(entries)
    }

    /// Tells null from absent; a faulty value is reported and counts as absent.
    pub fn nullable<T>(self, read: impl FnOnce(Self) -> Option<T>) -> Nullable<T> {
        match self.value {
            None => Nullable::Absent,
            Some(Json::Null) => Nullable::Null,
            Some(_) => read(self).map_or(Nullable::Absent, Nullable::Value),
        }
    }

    /// Goes on from a value that was read to one of the domain's; its refusal is reported here.
    pub fn parse<V, T, E: std::fmt::Display>(
        self,
        value: Option<V>,
        code: &'static str,
        parse: impl FnOnce(V) -> Result<T, E>,
    ) -> Option<T> {
        match parse(value?) {
            Ok(parsed) => Some(parsed),
            Err(error) => self.refuse(code, error.to_string()),
        }
    }

    /// Whether it was left out, which null is not.
    pub fn is_absent(self) -> bool {
        self.value.is_none()
    }

    /// Whether there is a value other than null.
    pub fn is_present(self) -> bool {
        !matches!(self.value, None | Some(Json::Null))
    }

    pub fn fault(self, code: &'static str, detail: impl Into<String>) {
        self.faults.add(self.path.pointer(), code, detail);
    }

    pub fn pointer(self) -> String {
        self.path.pointer()
    }

    pub(super) fn of_document(tree: &'t Json<'t>, style: Style, faults: &'p Faults) -> Self {
        Field::new(Some(tree), true, Path::ROOT, style, faults)
    }

    pub(super) fn new(
        value: Option<&'t Json<'t>>,
        required: bool,
        path: Path<'p>,
        style: Style,
        faults: &'p Faults,
    ) -> Self {
        Field { value, required, path, style, faults }
    }

    fn present(self) -> Option<&'t Json<'t>> {
        match self.value {
            Some(Json::Null) | None if self.required => self.refuse("required", "is required"),
            Some(Json::Null) | None => None,
            Some(value) => Some(value),
        }
    }

    fn text(self) -> Option<&'t str> {
        let value = self.present()?;
        let Json::String(text) = value else { return self.wrong_kind(value, "a string") };
        Some(text)
    }

    fn members(self) -> Option<&'t [(Cow<'t, str>, Json<'t>)]> {
        let value = self.present()?;
        let Json::Object(members) = value else { return self.wrong_kind(value, "an object") };
        Some(members)
    }

    fn wrong_kind<T>(self, found: &Json<'_>, wanted: &str) -> Option<T> {
        self.refuse("invalid_type", format!("must be {wanted}, not {}", found.kind()))
    }

    fn refuse<T>(self, code: &'static str, detail: impl Into<String>) -> Option<T> {
        self.fault(code, detail);
        None
    }
}

/// The elements of a list, each one required.
pub struct Items<'t, 'p> {
    elements: &'t [Json<'t>],
    field: Field<'t, 'p>,
}

impl<'t> Items<'t, '_> {
    pub fn iter(&self) -> impl Iterator<Item = Field<'t, '_>> {
        self.elements.iter().enumerate().map(|(index, element)| Field {
            value: Some(element),
            required: true,
            path: self.field.path.index(index),
            ..self.field
        })
    }

    pub fn len(&self) -> usize {
        self.elements.len()
    }

    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// What is wrong with a text of bounded length, in characters. Blanks alone do not count where
/// something is wanted; NUL is what PostgreSQL cannot store.
pub(crate) fn string_fault(
    text: &str,
    length: &RangeInclusive<usize>,
) -> Option<(&'static str, String)> {
    let (min, max) = (*length.start(), *length.end());
    if text.contains('\0') {
        return Some(("invalid_string", "must not hold NUL characters".to_owned()));
    }
    if min > 0 && text.trim().is_empty() {
        return Some(("invalid_length", "must not be blank".to_owned()));
    }
    // No text has more characters than bytes: most need not be counted.
    let fits = text.len() <= max || text.chars().count() <= max;
    if fits && (min <= 1 || text.chars().count() >= min) {
        return None;
    }
    let detail = match min {
        0 => format!("must be at most {max} characters long"),
        _ => format!("must be {min} to {max} characters long"),
    };
    Some(("invalid_length", detail))
}

pub(crate) fn must_be_one_of<T>(table: &[(&str, T)]) -> String {
    let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
    format!("must be one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    /// Reads `{"f": <value>}` and gives the result with the faults as "pointer code" lines.
    fn read<T>(
        value: &str,
        read: impl for<'t, 'p> Fn(Field<'t, 'p>) -> Option<T>,
    ) -> Result<Option<T>, Vec<String>> {
        let document = format!("{{\"f\": {value}}}");
        let tree = parse(document.as_bytes()).expect("the document is valid");
        let faults = Faults::default();
        let fields = Fields::of_document(&tree, Style::Strict, &faults);
        let result = fields.and_then(|fields| read(fields.optional("f")));
        let found = faults.into_list();
        if found.is_empty() {
            return Ok(result);
        }
        assert!(result.is_none(), "a faulty value is not given: {document}");
        Err(found.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect())
    }

    fn fault<T>(text: &str) -> Result<Option<T>, Vec<String>> {
        Err(vec![text.to_owned()])
    }

    #[test]
    fn strings_have_bounds() {
        let string = |value: &str| read(value, |field| field.string(1..=3).map(str::to_owned));
        assert_eq!(string("null"), Ok(None));
        assert_eq!(string("\"äöü\""), Ok(Some("äöü".to_owned())));
        for value in ["\"\"", "\"  \"", "\"abcd\"", "\"äöüß\""] {
            assert_eq!(string(value), fault("/f invalid_length"), "{value}");
        }
        assert_eq!(string(r#""a\u0000""#), fault("/f invalid_string"));
        assert_eq!(string("7"), fault("/f invalid_type"));
        let optional = |value: &str| read(value, |field| field.string(0..=3).map(str::len));
        assert_eq!(optional("\"\""), Ok(Some(0)));
        let two = |value: &str| read(value, |field| field.string(2..=3).map(str::len));
        assert_eq!(two("\"a\""), fault("/f invalid_length"));
    }

    #[test]
    fn ids_have_an_alphabet() {
        let id = |value: &str| read(value, |field| field.id().map(str::to_owned));
        assert_eq!(id("\"Ab.9_-\""), Ok(Some("Ab.9_-".to_owned())));
        let longest = "x".repeat(64);
        assert_eq!(id(&format!("\"{longest}\"")), Ok(Some(longest.clone())));
        for text in ["\"\"", "\"a b\"", "\"a/b\"", "\"é\"", &format!("\"{longest}x\"")] {
            assert_eq!(id(text), fault("/f invalid_id"), "{text}");
        }
        assert_eq!(id("12"), fault("/f invalid_type"));
    }

    #[test]
    fn numbers_are_whole_or_exact() {
        let integer = |value: &str| read(value, |field| field.integer(1..=100));
        for value in ["2", "2.0", "2e0", "0.2e1"] {
            assert_eq!(integer(value), Ok(Some(2)), "{value}");
        }
        for value in ["2.5", "0", "-1", "101", "1e30", "1e999999999999"] {
            assert_eq!(integer(value), fault("/f out_of_range"), "{value}");
        }
        assert_eq!(integer("\"2\""), fault("/f invalid_type"));
        let decimal = |value: &str| read(value, |field| field.decimal().map(str::to_owned));
        assert_eq!(decimal("10.10"), Ok(Some("10.10".to_owned())));
        assert_eq!(decimal("\"10.10\""), fault("/f invalid_type"));
    }

    #[test]
    fn words_flags_and_lists_are_checked() {
        let table = [("pass", 1), ("fail", 2)];
        let word = |value: &str| read(value, |field| field.one_of(&table));
        assert_eq!(word("\"fail\""), Ok(Some(2)));
        assert_eq!(word("\"Fail\""), fault("/f unknown_value"));
        assert_eq!(word("false"), fault("/f invalid_type"));
        let opposite = |value: &str| read(value, |field| field.bool().map(|flag| !flag));
        assert_eq!(opposite("false"), Ok(Some(true)));
        assert_eq!(opposite("0"), fault("/f invalid_type"));
        let sum = |value: &str| {
            read(value, |field| {
                let items = field.array(1..=2)?;
                items.iter().map(|item| item.integer(0..=9)).sum::<Option<i64>>()
            })
        };
        assert_eq!(sum("[4, 5]"), Ok(Some(9)));
        assert_eq!(sum("[]"), fault("/f invalid_length"));
        assert_eq!(sum("[1,2,3]"), fault("/f invalid_length"));
        assert_eq!(sum("[1, null]"), fault("/f/1 required"));
        assert_eq!(sum("{}"), fault("/f invalid_type"));
    }

    #[test]
    fn metadata_is_bounded() {
        let count = |value: &str| read(value, |field| field.string_map().map(|map| map.len()));
        assert_eq!(count(r#"{"a": "b", "c": ""}"#), Ok(Some(2)));
        assert_eq!(
            count(r#"{"a": 1, "b": null, "": "x"}"#),
            Err(["/f/a invalid_type", "/f/b required", "/f/ invalid_length"]
                .map(str::to_owned)
                .into())
        );
        assert_eq!(
            count(&format!(r#"{{"a": "{}"}}"#, "x".repeat(501))),
            fault("/f/a invalid_length")
        );
        let long = "k".repeat(41);
        let expected = fault(&format!("/f/{long} invalid_length"));
        let faulty_key = format!(r#"{{"{long}": "x"}}"#);
        assert_eq!(count(&faulty_key), expected);
        let many: Vec<String> = (0..51).map(|number| format!("\"k{number}\": \"\"")).collect();
        assert_eq!(count(&format!("{{{}}}", many.join(","))), fault("/f invalid_length"));
    }

    #[test]
    fn null_is_told_from_absent_on_request() {
        let check = |document: &str, expected: Nullable<i64>| {
            let tree = parse(document.as_bytes()).expect("the document is valid");
            let faults = Faults::default();
            let fields = Fields::of_document(&tree, Style::Strict, &faults);
            let found = fields.map(|f| f.optional("f").nullable(|field| field.integer(0..=9)));
            assert_eq!(found, Some(expected), "{document}");
        };
        check("{}", Nullable::Absent);
        check(r#"{"f": null}"#, Nullable::Null);
        check(r#"{"f": 3}"#, Nullable::Value(3));
    }

    #[test]
    fn a_refusal_of_the_domain_is_reported_where_the_value_stands() {
        let even = |value: i64| if value % 2 == 0 { Ok(value) } else { Err("must be even") };
        let check =
            |value: &str| read(value, |field| field.parse(field.integer(0..=9), "odd", even));
        assert_eq!(check("4"), Ok(Some(4)));
        assert_eq!(check("3"), fault("/f odd"));
        assert_eq!(check("true"), fault("/f invalid_type"));
    }
}
