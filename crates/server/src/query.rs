//! Reads query strings with the same collection of faults as bodies; `/name` points at a
//! parameter.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use domain::card_data::contains_card_number;
use percent_encoding::percent_decode;

use crate::cursor::{self, Binding, Part};
use crate::json::card_walk::CARD_DATA_REFUSED;
use crate::json::field::{is_id, must_be_one_of, string_fault};
use crate::json::{Faults, Path};

pub const LIMIT_DEFAULT: u32 = 50;
pub const LIMIT_MAX: u32 = 200;
/// Parameters of one request; a longer query is not a person's.
const PARAMETERS_MAX: usize = 200;
/// Values of one "any of" filter.
const VALUES_MAX: usize = 100;

/// Parameters that do not change which list it is, so a cursor stays valid with others.
const NOT_BOUND: [&str; 4] = ["cursor", "limit", "count", "expand"];

/// The decoded parameters, and which of them were asked for.
pub struct Query<'q> {
    parameters: Vec<Parameter<'q>>,
    faults: &'q Faults,
}

struct Parameter<'q> {
    name: Cow<'q, str>,
    value: Cow<'q, str>,
    asked: bool,
}

impl<'q> Query<'q> {
    pub fn parse(query: Option<&'q str>, faults: &'q Faults) -> Self {
        let mut parameters = Vec::new();
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if parameters.len() == PARAMETERS_MAX {
                let detail = format!("must have at most {PARAMETERS_MAX} parameters");
                faults.add(String::new(), "invalid_query", detail);
                break;
            }
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => {
                    parameters.push(Parameter { name, value, asked: false });
                }
                (Some(name), None) => add(faults, &name, "invalid_value", "must be UTF-8"),
                (None, _) => add(faults, "", "invalid_query", "must have names in UTF-8"),
            }
        }
        Query { parameters, faults }
    }

    /// A free value, given once.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let value = self.single(name)?;
        match string_fault(&value, &length) {
            None => Some(value),
            Some((code, detail)) => self.refuse(name, code, &detail),
        }
    }

    /// A free value that a person has written, so that it may hold what must not be stored.
    pub fn free_text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.text(name, length)?;
        if contains_card_number(&text) {
            return self.refuse(name, CARD_DATA_REFUSED, "must not hold payment card data");
        }
        Some(text)
    }

    pub fn id(&mut self, name: &str) -> Option<String> {
        let value = self.single(name)?;
        if is_id(&value) { Some(value) } else { self.refuse(name, "invalid_id", "must be an id") }
    }

    /// Ids, repeated or separated by commas; empty where the parameter is absent.
    pub fn ids(&mut self, name: &str) -> Vec<String> {
        self.any_of(name, "invalid_id", "must be an id or several", |value| {
            is_id(value).then(|| value.to_owned())
        })
    }

    pub fn integers(&mut self, name: &str, range: RangeInclusive<i64>) -> Vec<i64> {
        let detail = format!("must be a whole number from {} to {}", range.start(), range.end());
        self.any_of(name, "out_of_range", &detail, |value| {
            value.parse().ok().filter(|number| range.contains(number))
        })
    }

    /// Words of a table, repeated or separated by commas.
    pub fn words<T: Copy>(&mut self, name: &str, table: &[(&str, T)]) -> Vec<T> {
        self.any_of(name, "unknown_value", &must_be_one_of(table), |value| find(table, value))
    }

    /// One word of a table.
    pub fn word<T: Copy>(&mut self, name: &str, table: &[(&str, T)]) -> Option<T> {
        let value = self.single(name)?;
        match find(table, &value) {
            Some(found) => Some(found),
            None => self.refuse(name, "unknown_value", &must_be_one_of(table)),
        }
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.word(name, &[("true", true), ("false", false)])
    }

    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.single(name)?;
        match value.parse().ok().filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => {
                let (min, max) = range.into_inner();
                let detail = format!("must be a whole number from {min} to {max}");
                self.refuse(name, "out_of_range", &detail)
            }
        }
    }

    /// An RFC 3339 time with its offset, as milliseconds since 1970.
    pub fn time(&mut self, name: &str) -> Option<i64> {
        let value = self.single(name)?;
        match value.parse::<jiff::Timestamp>() {
            Ok(time) => Some(time.as_millisecond()),
            Err(_) => {
                let detail = "must be an RFC 3339 time such as 2025-06-27T12:00:00Z";
                self.refuse(name, "invalid_time", detail)
            }
        }
    }

    /// A value that the domain reads.
    pub fn value<T>(
        &mut self,
        name: &str,
        detail: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.single(name)?;
        parse(&value).or_else(|| self.refuse(name, "invalid_value", detail))
    }

    /// Types of events (`order.paid`) or families of them (`order.*`), repeated or separated by
    /// commas.
    pub fn event_types(&mut self, name: &str) -> Vec<String> {
        let detail = "must be types of events, such as order.paid or order.*";
        self.any_of(name, "unknown_value", detail, |value| {
            is_event_type(value).then(|| value.to_owned())
        })
    }

    /// Reports what is wrong with a parameter beyond its own value.
    pub fn fault(&self, name: &str, code: &'static str, detail: &str) {
        add(self.faults, name, code, detail);
    }

    /// How many entries a page has.
    pub fn limit(&mut self) -> u32 {
        let limit = self.integer("limit", 1..=i64::from(LIMIT_MAX));
        limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(LIMIT_DEFAULT)
    }

    /// Where the last page of this very list ended.
    pub fn cursor(&mut self, binding: Binding) -> Option<Vec<Part>> {
        let value = self.single("cursor")?;
        match cursor::decode(binding, &value) {
            Some(position) => Some(position),
            None => {
                let detail = "is not a cursor of this list with this filter and sort";
                self.refuse("cursor", "invalid_cursor", detail)
            }
        }
    }

    /// Binds a cursor to the list as this query asks for it.
    pub fn binding(&self, list: &str) -> Binding {
        let bound = self.parameters.iter().filter(|p| !NOT_BOUND.contains(&p.name.as_ref()));
        Binding::new(list, bound.map(|p| (p.name.as_ref(), p.value.as_ref())))
    }

    /// Refuses every parameter that no one has asked for.
    pub fn deny_unknown(&self) {
        for parameter in self.parameters.iter().filter(|parameter| !parameter.asked) {
            let detail = "is not a parameter of this call";
            add(self.faults, &parameter.name, "unknown_parameter", detail);
        }
    }

    fn single(&mut self, name: &str) -> Option<String> {
        let mut found: Option<String> = None;
        for parameter in self.parameters.iter_mut().filter(|parameter| parameter.name == name) {
            parameter.asked = true;
            if found.is_some() {
                add(self.faults, name, "duplicate_parameter", "must be given once");
                return None;
            }
            found = Some(parameter.value.to_string());
        }
        found
    }

    fn any_of<T>(
        &mut self,
        name: &str,
        code: &'static str,
        detail: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut values = Vec::new();
        let faults = self.faults;
        for parameter in self.parameters.iter_mut().filter(|parameter| parameter.name == name) {
            parameter.asked = true;
            for value in parameter.value.split(',') {
                match read(value) {
                    Some(value) => values.push(value),
                    None => {
                        add(faults, name, code, detail);
                        return Vec::new();
                    }
                }
            }
        }
        if values.len() > VALUES_MAX {
            let detail = format!("must have at most {VALUES_MAX} values");
            add(faults, name, "invalid_length", &detail);
            values.clear();
        }
        values
    }

    fn refuse<T>(&self, name: &str, code: &'static str, detail: &str) -> Option<T> {
        add(self.faults, name, code, detail);
        None
    }
}

fn find<T: Copy>(table: &[(&str, T)], value: &str) -> Option<T> {
    table.iter().find(|(word, _)| *word == value).map(|(_, found)| *found)
}

fn add(faults: &Faults, name: &str, code: &'static str, detail: &str) {
    let pointer = Path::ROOT.key(name).pointer();
    faults.add(pointer, code, detail);
}

/// As forms are encoded: `+` is a space, too.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['+', '%']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode(spaced.as_bytes()).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

fn is_event_type(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
    };
    match text.split_once('.') {
        Some((family, kind)) => is_word(family) && (kind == "*" || is_word(kind)),
        None => text == "*",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STATUS: [(&str, u8); 2] = [("pending", 1), ("shipped", 2)];

    /// Reads with `read`, then refuses the rest, and compares faults as "pointer code".
    fn check<T: PartialEq + std::fmt::Debug>(
        query: &str,
        read: impl Fn(&mut Query<'_>) -> T,
        expected: T,
        faulty: &[&str],
    ) {
        let faults = Faults::default();
        let mut reader = Query::parse(Some(query), &faults);
        assert_eq!(read(&mut reader), expected, "{query}");
        reader.deny_unknown();
        let found: Vec<String> = faults
            .into_list()
            .iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect();
        assert_eq!(found, faulty, "{query}");
    }

    #[test]
    fn several_values_are_any_of_them() {
        let words = |query: &mut Query<'_>| query.words("status", &STATUS);
        check("", words, vec![], &[]);
        check("status=pending", words, vec![1], &[]);
        check("status=pending,shipped", words, vec![1, 2], &[]);
        check("status=pending&status=shipped", words, vec![1, 2], &[]);
        check("status=pending%2Cshipped", words, vec![1, 2], &[]);
        check("status=lost", words, vec![], &["/status unknown_value"]);
        check("status=", words, vec![], &["/status unknown_value"]);
        check("status=pending,", words, vec![], &["/status unknown_value"]);
        check("stat%75s=shipped", words, vec![2], &[]);
        let many = vec!["pending"; 101].join(",");
        check(&format!("status={many}"), words, vec![], &["/status invalid_length"]);
        let ids = |query: &mut Query<'_>| query.ids("user_id");
        check("user_id=a,b&user_id=c", ids, ["a", "b", "c"].map(str::to_owned).into(), &[]);
        check("user_id=a+b", ids, vec![], &["/user_id invalid_id"]);
        let stores = |query: &mut Query<'_>| query.integers("store_id", 1..=9);
        check("store_id=1,9", stores, vec![1, 9], &[]);
        check("store_id=0", stores, vec![], &["/store_id out_of_range"]);
    }

    #[test]
    fn single_values_are_given_once() {
        let text = |query: &mut Query<'_>| query.text("q", 1..=9);
        check("q=a%20b+c", text, Some("a b c".to_owned()), &[]);
        check("q=%E2%82%AC", text, Some("€".to_owned()), &[]);
        check("q=%FF", text, None, &["/q invalid_value"]);
        check("q=100%", text, Some("100%".to_owned()), &[]);
        check("q=%00", text, None, &["/q invalid_string"]);
        check("q=1&q=2", text, None, &["/q duplicate_parameter"]);
        check("q", text, None, &["/q invalid_length"]);
        let reason = |query: &mut Query<'_>| query.free_text("reason", 0..=99);
        check("reason=late", reason, Some("late".to_owned()), &[]);
        check("reason=4111+1111+1111+1111", reason, None, &["/reason card_data_refused"]);
        let flag = |query: &mut Query<'_>| query.flag("on_hold");
        check("on_hold=true", flag, Some(true), &[]);
        check("on_hold=1", flag, None, &["/on_hold unknown_value"]);
    }

    #[test]
    fn times_become_milliseconds() {
        let time = |query: &mut Query<'_>| query.time("at");
        check("at=1970-01-01T00:00:01Z", time, Some(1000), &[]);
        check("at=1970-01-01T01:00:00.5%2B01:00", time, Some(500), &[]);
        for wrong in ["1970-01-01", "1970-01-01T00:00:00", "yesterday", ""] {
            check(&format!("at={wrong}"), time, None, &["/at invalid_time"]);
        }
    }

    #[test]
    fn pages_have_limits_and_cursors() {
        let limit = |query: &mut Query<'_>| query.limit();
        check("", limit, 50, &[]);
        check("limit=200", limit, 200, &[]);
        for wrong in ["0", "201", "-1", "x", "1.5", ""] {
            check(&format!("limit={wrong}"), limit, 50, &["/limit out_of_range"]);
        }
        let faults = Faults::default();
        let binding = Query::parse(Some("limit=5&status=pending"), &faults).binding("orders");
        let next = cursor::encode(binding, &[Part::Number(9)]);
        let read = |query: &mut Query<'_>| {
            query.words("status", &STATUS);
            let binding = query.binding("orders");
            query.limit();
            query.cursor(binding)
        };
        let same = format!("status=pending&limit=7&cursor={next}");
        check(&same, read, Some(vec![Part::Number(9)]), &[]);
        let other = format!("status=shipped&cursor={next}");
        check(&other, read, None, &["/cursor invalid_cursor"]);
    }

    #[test]
    fn unknown_parameters_are_refused() {
        check(
            "a=1&b=2&&c",
            |_| (),
            (),
            &["/a unknown_parameter", "/b unknown_parameter", "/c unknown_parameter"],
        );
        check("4111111111111111=1", |_| (), (), &["/… unknown_parameter"]);
        let long = vec!["a=1"; PARAMETERS_MAX + 1].join("&");
        check(
            &long,
            |query| query.integers("a", 1..=1).len(),
            0,
            &[" invalid_query", "/a invalid_length"],
        );
    }

    proptest! {
        #[test]
        fn any_query_is_judged(text in "[a-c=&%+,0-9A-F]{0,60}") {
            let faults = Faults::default();
            let mut query = Query::parse(Some(&text), &faults);
            query.ids("a");
            query.time("b");
            query.limit();
            query.deny_unknown();
        }
    }
}
