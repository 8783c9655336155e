//! What a person types to find an order, and the words by which one is found.
//!
//! The words of an order are the names and companies of its addresses, its e-mail address and its
//! tracking numbers, in small letters. Those of people are personal data: the index that has them
//! lets go of an order's words when its person is erased.

use std::collections::BTreeSet;

use domain::{CustomerId, Order, OrderNo, RetrievalId, address::Person, shipment::Shipment};

/// Longer words are cut, in orders and in questions alike.
const WORD_CHARS_MAX: usize = 64;

/// Words of one order that can be searched.
const WORDS_MAX: usize = 64;

/// A text that names an order or a customer, or whose words all begin words of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub(crate) order: Option<OrderNo>,
    pub(crate) retrieval: Option<RetrievalId>,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) words: Vec<String>,
}

impl Search {
    pub fn new(text: &str) -> Search {
        let text = text.trim();
        let words: BTreeSet<String> = text.split(is_between_words).filter_map(word).collect();
        Search {
            order: text.to_ascii_uppercase().parse().ok(),
            retrieval: text.parse().ok(),
            customer: text.parse().ok(),
            words: words.into_iter().collect(),
        }
    }

    pub(crate) fn finds(&self, order: &Order) -> bool {
        self.order == Some(order.no)
            || self.retrieval.is_some() && self.retrieval == order.retrieval_id()
            || self.customer.is_some() && self.customer == order.customer
            || self.finds_words(order)
    }

    fn finds_words(&self, order: &Order) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let tracking = order.shipments.iter().flat_map(Shipment::tracking_numbers);
        let mut known = words_of(order.person.as_deref(), tracking);
        known.retain(|it| self.words.iter().any(|begin| it.starts_with(begin)));
        self.words.iter().all(|begin| known.iter().any(|it| it.starts_with(begin)))
    }
}

/// The words of an order.
pub(crate) fn words_of<'a>(
    person: Option<&'a Person>,
    tracking_numbers: impl Iterator<Item = &'a str>,
) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for number in tracking_numbers {
        words.extend(word(&number.replace(char::is_whitespace, "")));
        add_words(number, &mut words);
    }
    if let Some(person) = person {
        for address in [&person.shipping_address, &person.billing_address].into_iter().flatten() {
            for text in [&address.name, &address.company].into_iter().flatten() {
                add_words(text, &mut words);
            }
        }
        if let Some(email) = &person.contact.email {
            words.extend(word(email));
        }
    }
    while words.len() > WORDS_MAX {
        words.pop_last();
    }
    words
}

/// The words of a name, and the parts of those that are compound.
fn add_words(text: &str, words: &mut BTreeSet<String>) {
    for token in text.split(is_between_words) {
        let Some(whole) = word(token) else { continue };
        if !whole.chars().all(char::is_alphanumeric) {
            let parts = whole.split(|it: char| !it.is_alphanumeric());
            words.extend(parts.filter(|it| !it.is_empty()).map(str::to_owned));
        }
        words.insert(whole);
    }
}

fn is_between_words(it: char) -> bool {
    it.is_whitespace() || it.is_control()
}

/// In small letters, without what stands around it.
fn word(token: &str) -> Option<String> {
    let bare = token.trim_matches(|it: char| !it.is_alphanumeric());
    let small = bare.chars().flat_map(char::to_lowercase).filter(|it| !it.is_control());
    let word: String = small.take(WORD_CHARS_MAX).collect();
    (!word.is_empty()).then_some(word)
}

/// The first text, in the order of bytes, that comes after all that begin with a word.
pub(crate) fn end_of(word: &str) -> String {
    format!("{word}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_small_and_bare() {
        let check = |text: &str, expected: &[&str]| {
            let mut words = BTreeSet::new();
            add_words(text, &mut words);
            assert_eq!(words.into_iter().collect::<Vec<_>>(), expected, "{text}");
        };
        check("Jane Doe", &["doe", "jane"]);
        check("  O'Brien,\tJr. ", &["brien", "jr", "o", "o'brien"]);
        check("Anne-Marie MÜLLER", &["anne", "anne-marie", "marie", "müller"]);
        check("-- \u{0} !", &[]);
        check("a\u{0}b", &["a", "b"]);
        check(&"x".repeat(100), &[&"x".repeat(64)]);
    }

    #[test]
    fn a_question_is_an_id_or_words() {
        let check = |text: &str, expected: (Option<u64>, Option<&str>, &[&str])| {
            let search = Search::new(text);
            let customer = search.customer.as_ref().map(CustomerId::as_str);
            let words: Vec<&str> = search.words.iter().map(String::as_str).collect();
            assert_eq!((search.order.map(|it| it.0), customer, &words[..]), expected, "{text}");
        };
        check("ORD12", (Some(12), Some("ORD12"), &["ord12"]));
        check(" ord12 ", (Some(12), Some("ord12"), &["ord12"]));
        check("Jane  D", (None, None, &["d", "jane"]));
        check("Jane@Example.com", (None, None, &["jane@example.com"]));
        check("...", (None, Some("..."), &[]));
        assert_eq!(Search::new("1-17").retrieval, "1-17".parse().ok());
    }

    #[test]
    fn a_words_end_comes_after_all_that_begin_with_it() {
        for longer in ["jan", "jane", "jan\u{10fffe}", "janß"] {
            assert!(("jan".."jan\u{10ffff}").contains(&longer), "{longer}");
            assert!(longer < end_of("jan").as_str());
        }
        assert!("jao" > end_of("jan").as_str());
    }
}
