//! The fields of one object, asked for by name.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use super::fault::{Faults, Path, camel_case};
use super::field::Field;
use super::tree::Json;

/// Which spellings a document may use, and which one faults use for a field that is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `snake_case` only.
    Strict,
    /// Both spellings and all aliases; the document is written in `snake_case`.
    Snake,
    /// Both spellings and all aliases; the document is written in the storefront's camelCase.
    Camel,
}

impl Style {
    /// The style of a document that may be in either: camelCase if one of its keys is.
    pub fn spoken_in(tree: &Json<'_>) -> Style {
        let is_camel = |key: &str| key.bytes().any(|byte| byte.is_ascii_uppercase());
        match tree {
            Json::Object(members) if members.iter().any(|(key, _)| is_camel(key)) => Style::Camel,
            Json::Object(_)
            | Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_) => Style::Snake,
        }
    }
}

/// The snake_case names of one field. With several, the first is the one of our own documents,
/// the last the one of the storefront's.
#[derive(Clone, Copy, Debug)]
pub enum Names {
    One(&'static str),
    Aliases(&'static [&'static str]),
}

pub const ADDRESS: Names = Names::Aliases(&["address", "street"]);
pub const SHIPPING_ADDRESS: Names = Names::Aliases(&["shipping_address", "delivery_address"]);
pub const USER_ID: Names = Names::Aliases(&["user_id", "customer_id"]);
pub const ZIP: Names = Names::Aliases(&["zip", "zip_code"]);

impl From<&'static str> for Names {
    fn from(name: &'static str) -> Self {
        Names::One(name)
    }
}

impl Names {
    fn in_own_documents(self) -> &'static str {
        match self {
            Names::One(name) => name,
            Names::Aliases(names) => names.first().copied().unwrap_or_default(),
        }
    }

    fn in_storefront(self) -> &'static str {
        match self {
            Names::One(name) => name,
            Names::Aliases(names) => names.last().copied().unwrap_or_default(),
        }
    }

    fn includes(self, key: &str, style: Style) -> bool {
        let names = match &self {
            Names::One(name) => std::slice::from_ref(name),
            Names::Aliases(names) => names,
        };
        match style {
            Style::Strict => key == self.in_own_documents(),
            Style::Snake | Style::Camel => {
                names.iter().any(|name| key == *name || is_camel_twin(name, key))
            }
        }
    }
}

/// Whether `key` is the camelCase of `snake_name`, letter by letter, without building it.
fn is_camel_twin(snake_name: &str, key: &str) -> bool {
    let mut letters = key.bytes();
    let mut after_underscore = false;
    for byte in snake_name.bytes() {
        if byte == b'_' {
            after_underscore = true;
            continue;
        }
        let expected = if after_underscore { byte.to_ascii_uppercase() } else { byte };
        after_underscore = false;
        if letters.next() != Some(expected) {
            return false;
        }
    }
    letters.next().is_none()
}

/// Remembers which members were asked for, so that the others can be refused.
pub struct Fields<'t, 'p> {
    members: &'t [(Cow<'t, str>, Json<'t>)],
    path: Path<'p>,
    faults: &'p Faults,
    style: Style,
    /// One bit for each of the first 64 members; the rest, rare, by their index.
    asked: Cell<u64>,
    asked_beyond: RefCell<Vec<usize>>,
}

impl<'t, 'p> Fields<'t, 'p> {
    /// The fields of a whole document; a fault if it is not an object.
    pub fn of_document(tree: &'t Json<'t>, style: Style, faults: &'p Faults) -> Option<Self> {
        Field::of_document(tree, style, faults).object()
    }

    pub(super) fn new(
        members: &'t [(Cow<'t, str>, Json<'t>)],
        path: Path<'p>,
        style: Style,
        faults: &'p Faults,
    ) -> Self {
        let asked_beyond = RefCell::new(Vec::new());
        Fields { members, path, faults, style, asked: Cell::new(0), asked_beyond }
    }

    /// The field of this name; reading it as any type reports its absence.
    pub fn required(&self, names: impl Into<Names>) -> Field<'t, '_> {
        self.field(names.into(), true)
    }

    /// The field of this name; absent and null are the same.
    pub fn optional(&self, names: impl Into<Names>) -> Field<'t, '_> {
        self.field(names.into(), false)
    }

    /// Refuses every member that no one has asked for.
    pub fn deny_unknown(&self) {
        for (index, (key, _)) in self.members.iter().enumerate() {
            if !self.was_asked(index) {
                let pointer = self.path.key(key).pointer();
                self.faults.add(pointer, "unknown_field", "is not a field of this document");
            }
        }
    }

    fn field(&self, names: Names, required: bool) -> Field<'t, '_> {
        let mut found: Option<&'t (Cow<'t, str>, Json<'t>)> = None;
        for (index, member) in self.members.iter().enumerate() {
            if !names.includes(&member.0, self.style) {
                continue;
            }
            self.mark_asked(index);
            match found {
                None => found = Some(member),
                Some((first, _)) => {
                    let detail = format!("must not be given beside {first}, its other spelling");
                    self.faults.add(self.path.key(&member.0).pointer(), "duplicate_field", detail);
                }
            }
        }
        let path = match (found, self.style) {
            (Some((key, _)), _) => self.path.key(key),
            (None, Style::Camel) => self.path.camel_key(names.in_storefront()),
            (None, Style::Strict | Style::Snake) => self.path.key(names.in_own_documents()),
        };
        Field::new(found.map(|(_, value)| value), required, path, self.style, self.faults)
    }

    /// What faults and messages call a field of this document.
    pub fn name_of(&self, names: impl Into<Names>) -> Cow<'static, str> {
        let names = names.into();
        match self.style {
            Style::Camel => Cow::Owned(camel_case(names.in_storefront())),
            Style::Strict | Style::Snake => Cow::Borrowed(names.in_own_documents()),
        }
    }

    /// Reports a fault of the object as a whole, such as two fields that exclude one another.
    pub fn fault(&self, code: &'static str, detail: impl Into<String>) {
        self.faults.add(self.path.pointer(), code, detail);
    }

    fn mark_asked(&self, index: usize) {
        if index < 64 {
            self.asked.set(self.asked.get() | 1 << index);
        } else {
            self.asked_beyond.borrow_mut().push(index);
        }
    }

    fn was_asked(&self, index: usize) -> bool {
        if index < 64 {
            self.asked.get() & 1 << index != 0
        } else {
            self.asked_beyond.borrow().contains(&index)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    /// Reads `document` and compares the pointers and codes of its faults.
    fn check(
        document: &str,
        style: Style,
        read: impl Fn(&Fields<'_, '_>),
        expected: &[(&str, &str)],
    ) {
        let tree = parse(document.as_bytes()).expect("the document is valid");
        let faults = Faults::default();
        if let Some(fields) = Fields::of_document(&tree, style, &faults) {
            read(&fields);
        }
        let found = faults.into_list();
        let found: Vec<(&str, &str)> =
            found.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(found, expected, "{document}");
    }

    #[test]
    fn both_spellings_and_aliases_are_one_field() {
        let read = |fields: &Fields<'_, '_>| {
            assert_eq!(fields.required("delivery_method_id").id(), Some("m1"));
            assert_eq!(fields.required(ZIP).string(1..=20), Some("10001"));
            fields.deny_unknown();
        };
        let strict = Style::Strict;
        for style in [Style::Snake, Style::Camel] {
            check(r#"{"delivery_method_id": "m1", "zip": "10001"}"#, style, read, &[]);
            check(r#"{"deliveryMethodId": "m1", "zipCode": "10001"}"#, style, read, &[]);
            check(r#"{"deliveryMethodId": "m1", "zip_code": "10001"}"#, style, read, &[]);
        }
        check(r#"{"delivery_method_id": "m1", "zip": "10001"}"#, strict, read, &[]);
        let both = r#"{"zip": "10001", "delivery_method_id": "m1",
            "deliveryMethodId": "m2", "zipCode": "10002"}"#;
        check(
            both,
            Style::Camel,
            read,
            &[("/deliveryMethodId", "duplicate_field"), ("/zipCode", "duplicate_field")],
        );
    }

    #[test]
    fn absent_fields_are_named_in_the_documents_style() {
        let read = |fields: &Fields<'_, '_>| {
            assert_eq!(fields.required(USER_ID).id(), None);
            assert_eq!(fields.required("product_id").id(), None);
            assert_eq!(fields.optional("notes").string(0..=9), None);
        };
        let camel = [("/customerId", "required"), ("/productId", "required")];
        check(r#"{"notes": null}"#, Style::Camel, read, &camel);
        let snake = [("/user_id", "required"), ("/product_id", "required")];
        check("{}", Style::Snake, read, &snake);
        check(
            r#"{"customerId": null}"#,
            Style::Snake,
            read,
            &[("/customerId", "required"), ("/product_id", "required")],
        );
        check("[]", Style::Snake, read, &[("", "invalid_type")]);
        check("null", Style::Snake, read, &[("", "required")]);
    }

    #[test]
    fn unread_fields_are_refused() {
        let read = |fields: &Fields<'_, '_>| {
            fields.optional("a").integer(0..=9);
            if let Some(inner) = fields.optional("b").object() {
                inner.optional("c").bool();
                inner.deny_unknown();
            }
            fields.deny_unknown();
        };
        check(r#"{"a": 1, "b": {"c": true}}"#, Style::Strict, read, &[]);
        check(
            r#"{"z": 1, "b": {"d": true}, "A": null}"#,
            Style::Strict,
            read,
            &[("/b/d", "unknown_field"), ("/z", "unknown_field"), ("/A", "unknown_field")],
        );
        let many: Vec<String> = (0..100).map(|number| format!("\"k{number}\": 1")).collect();
        let document = format!("{{{}, \"a\": 1}}", many.join(","));
        let tree = parse(document.as_bytes()).expect("the document is valid");
        let faults = Faults::default();
        Fields::of_document(&tree, Style::Strict, &faults).iter().for_each(read);
        assert_eq!(faults.into_list().len(), 100);
    }

    #[test]
    fn a_documents_style_shows_in_its_keys() {
        let style = |text: &str| parse(text.as_bytes()).map(|tree| Style::spoken_in(&tree));
        assert_eq!(style(r#"{"items": [], "customerId": 1}"#), Ok(Style::Camel));
        assert_eq!(style(r#"{"items": [], "user_id": 1}"#), Ok(Style::Snake));
    }
}
