//! Looks for card data in a whole request document, whoever reads which of its fields later.
//!
//! Fields that hold nothing but card data are refused by name, wherever they stand. Card numbers
//! are looked for where people write freely; ids, SKUs, tracking numbers and phones are exempt,
//! because a number there may look like a card's by chance.

use domain::card_data::{contains_card_number, is_card_field};

use super::fault::{Faults, Path};
use super::tree::Json;

pub const CARD_DATA_REFUSED: &str = "card_data_refused";

/// Reports each place with card data; what stands there is repeated nowhere.
pub fn refuse_card_data(tree: &Json<'_>, faults: &Faults) {
    walk(tree, Path::ROOT, false, faults);
}

/// In the spelling of `is_free_text`. To have a new field of free text looked at, add it here.
const FREE_TEXT_FIELDS: [&str; 14] = [
    "address",
    "address2",
    "city",
    "comment",
    "company",
    "description",
    "message",
    "metadata",
    "note",
    "notes",
    "reason",
    "state",
    "street",
    "street2",
];

fn is_free_text(key: &str) -> bool {
    let is_name = key.len() >= 4 && key.as_bytes()[key.len() - 4..].eq_ignore_ascii_case(b"name");
    is_name || FREE_TEXT_FIELDS.contains(&key)
}

/// Free text reaches downwards: everything inside `metadata` is free text, and what is nested in
/// an address is named by its own keys.
fn walk(tree: &Json<'_>, path: Path<'_>, free_text: bool, faults: &Faults) {
    match tree {
        Json::Null | Json::Bool(_) => {}
        Json::Number(text) => check_text(text, &path, free_text, faults),
        Json::String(text) => check_text(text, &path, free_text, faults),
        Json::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(element, path.index(index), free_text, faults);
            }
        }
        Json::Object(members) => {
            for (key, value) in members {
                let path = path.key(key);
                if is_card_field(key) || (free_text && contains_card_number(key)) {
                    report(&path, faults);
                } else {
                    let inside = free_text || is_free_text(key);
                    walk(value, path, inside, faults);
                }
            }
        }
    }
}

fn check_text(text: &str, path: &Path<'_>, free_text: bool, faults: &Faults) {
    if free_text && contains_card_number(text) {
        report(path, faults);
    }
}

fn report(path: &Path<'_>, faults: &Faults) {
    faults.add(path.pointer(), CARD_DATA_REFUSED, "must not hold payment card data");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn check(document: &str, expected: &[&str]) {
        let tree = parse(document.as_bytes()).expect("the document is valid");
        let faults = Faults::default();
        refuse_card_data(&tree, &faults);
        let found = faults.into_list();
        assert!(found.iter().all(|fault| fault.code == CARD_DATA_REFUSED));
        assert!(!format!("{found:?}").contains("1111"), "card data is repeated");
        let pointers: Vec<&str> = found.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, expected, "{document}");
    }

    #[test]
    fn card_fields_are_found_anywhere() {
        check(r#"{"cvc": null}"#, &["/cvc"]);
        check(
            r#"{"items": [{"x": {"cardNumber": 1}}], "card-number": ""}"#,
            &["/items/0/x/cardNumber", "/card-number"],
        );
        check(r#"{"company": "Pan Ltd", "expansion": 1}"#, &[]);
    }

    #[test]
    fn card_numbers_are_found_in_free_text() {
        let card = "4111 1111-1111 1111";
        for key in ["notes", "reason", "name", "firstName", "address", "street", "company"] {
            check(&format!(r#"{{"a": [{{"{key}": "see {card}."}}]}}"#), &[&format!("/a/0/{key}")]);
        }
        check(&format!(r#"{{"metadata": {{"any": "{card}", "b": "c"}}}}"#), &["/metadata/any"]);
        check(&format!(r#"{{"metadata": {{"{card}": "x"}}}}"#), &["/metadata/…"]);
        check(r#"{"notes": 4111111111111111}"#, &["/notes"]);
        for key in ["product_id", "sku", "tracking_number", "phone", "zip", "user_id"] {
            check(&format!(r#"{{"{key}": "{card}"}}"#), &[]);
        }
        check(r#"{"shipping_address": {"phone": "4111111111111111", "name": "Jane"}}"#, &[]);
    }
}
