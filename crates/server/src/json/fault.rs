//! What is wrong with a request, and where.

use std::cell::RefCell;

use domain::card_data::contains_card_number;
use serde::Serialize;

use crate::problem::Problem;

/// One faulty field. `detail` goes on from the field's name ("must be a string") and never
/// repeats what the client sent: it may be what must not be stored or logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// RFC 6901, in the client's own spelling; `/name` for a query parameter.
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
}

/// Collects the faults of one request. Readers share it, so that a nested document reports to
/// the same list as the one around it.
#[derive(Debug, Default)]
pub struct Faults {
    found: RefCell<Vec<FieldError>>,
}

impl Faults {
    pub fn add(&self, pointer: String, code: &'static str, detail: impl Into<String>) {
        self.found.borrow_mut().push(FieldError { pointer, code, detail: detail.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub fn into_list(self) -> Vec<FieldError> {
        self.found.into_inner()
    }

    /// The value if nothing was wrong with the request. A reader gives `None` only where it has
    /// reported a fault, so a request without faults has its value.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            Some(_) | None => Err(Problem::invalid(self.into_list())),
        }
    }
}

/// The way from the document's root to a value. Lives on the stack of whoever walks the tree and
/// becomes a pointer only where a fault is reported.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Key(&'p str),
    /// A field that is absent, by its snake_case name; written in camelCase.
    CamelKey(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    pub fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    pub fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    pub(super) fn camel_key(&'p self, snake_name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::CamelKey(snake_name) }
    }

    /// RFC 6901.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, pointer: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(pointer);
        }
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                pointer.push('/');
                push_escaped(key, pointer);
            }
            Step::CamelKey(name) => {
                pointer.push('/');
                pointer.push_str(&camel_case(name));
            }
            Step::Index(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
}

/// `delivery_method_id` → `deliveryMethodId`.
pub(super) fn camel_case(snake_name: &str) -> String {
    let mut camel = String::with_capacity(snake_name.len());
    for (index, word) in snake_name.split('_').enumerate() {
        let head_length = if index == 0 { 0 } else { 1.min(word.len()) };
        camel.push_str(&word[..head_length].to_ascii_uppercase());
        camel.push_str(&word[head_length..]);
    }
    camel
}

/// Keys come from the client: one that is itself a card number is not repeated.
fn push_escaped(key: &str, pointer: &mut String) {
    if contains_card_number(key) {
        pointer.push('…');
        return;
    }
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_pointer() {
        let items = Path::ROOT.key("items");
        let second = items.index(1);
        assert_eq!(Path::ROOT.pointer(), "");
        assert_eq!(second.pointer(), "/items/1");
        assert_eq!(second.camel_key("product_id").pointer(), "/items/1/productId");
        assert_eq!(Path::ROOT.key("a/b~c").pointer(), "/a~1b~0c");
        assert_eq!(Path::ROOT.key("4111 1111 1111 1111").pointer(), "/…");
    }

    #[test]
    fn a_value_is_given_only_without_faults() {
        assert_eq!(Faults::default().finish(Some(1)).ok(), Some(1));
        let faults = Faults::default();
        faults.add("/a".to_owned(), "required", "is required");
        assert!(faults.finish(Some(1)).is_err());
        assert!(Faults::default().finish(None::<i64>).is_err());
    }
}
