//! What pages for buyers say, in their language. A file of messages is a language; the ones in the
//! binary are always there, and a folder may bring more.

use std::{collections::BTreeMap, fs, path::Path};

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};
use domain::{Currency, Moment, Money};
use jiff::{Timestamp, tz::TimeZone};

const ENGLISH: (&str, &str) = ("en", include_str!("../../../assets/messages/en.toml"));
const BOKMAAL: (&str, &str) = ("nb", include_str!("../../../assets/messages/nb.toml"));

/// What else is written for one of ours: Norwegian as a whole is read in Bokmål.
const MEANT: [(&str, &str); 1] = [("no", "nb")];

/// English first: it says what another language leaves out.
#[derive(Clone, Debug)]
pub struct Languages(Vec<Language>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Language {
    tag: String,
    messages: BTreeMap<String, String>,
}

impl Default for Languages {
    fn default() -> Languages {
        let built_in = [ENGLISH, BOKMAAL].map(|(tag, text)| {
            Language::read(tag, text).expect("the files in the binary are tested")
        });
        Languages(built_in.into())
    }
}

impl Languages {
    /// With those of a folder, whose files are named by their tags: `de.toml`. One that is there
    /// already is said in the words of the folder.
    pub fn with_folder(folder: &Path) -> Result<Languages, String> {
        let mut languages = Languages::default();
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(|error| told(&error))? {
            let path = entry.map_err(|error| told(&error))?.path();
            let is_toml = path.extension().is_some_and(|it| it == "toml");
            let Some(tag) = path.file_stem().and_then(|it| it.to_str()).filter(|_| is_toml) else {
                continue;
            };
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
            let read = Language::read(tag, &text);
            languages.add(read.map_err(|why| format!("{}: {why}", path.display()))?)?;
        }
        Ok(languages)
    }

    fn add(&mut self, language: Language) -> Result<(), String> {
        let unknown = language.messages.keys().find(|key| !self.0[0].messages.contains_key(*key));
        if let Some(key) = unknown {
            return Err(format!("no page says \"{key}\" ({}.toml)", language.tag));
        }
        match self.0.iter_mut().find(|it| it.tag == language.tag) {
            Some(known) => known.messages.extend(language.messages),
            None => {
                let mut messages = self.0[0].messages.clone();
                messages.extend(language.messages);
                self.0.push(Language { tag: language.tag, messages });
            }
        }
        Ok(())
    }

    pub(super) fn all(&self) -> &[Language] {
        &self.0
    }

    /// The language that is asked for by name, else the best that a browser's user reads.
    pub(crate) fn choose(&self, named: Option<&str>, headers: &HeaderMap) -> &Language {
        named.and_then(|it| self.find(it)).unwrap_or_else(|| self.accepted(headers))
    }

    fn accepted(&self, headers: &HeaderMap) -> &Language {
        let lines = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|it| it.to_str().ok());
        let mut best: Option<(u16, &Language)> = None;
        for range in lines.flat_map(|it| it.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let Some(language) = parts.next().and_then(|it| self.find(it)) else { continue };
            let weight = parts.find_map(|it| it.strip_prefix("q=")).map_or(1000, thousandths);
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map_or(&self.0[0], |(_, language)| language)
    }

    /// `nb-NO` is read by whoever reads `nb`.
    fn find(&self, tag: &str) -> Option<&Language> {
        let main = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let meant = MEANT.iter().find(|(from, _)| *from == main).map(|(_, to)| (*to).to_owned());
        let exact = self.0.iter().find(|it| it.tag.eq_ignore_ascii_case(tag));
        exact.or_else(|| {
            let main = meant.unwrap_or(main);
            self.0.iter().find(|it| it.tag == main)
        })
    }
}

fn thousandths(text: &str) -> u16 {
    let weight: f32 = text.parse().unwrap_or(0.0);
    (0..=1000).rev().find(|it| f32::from(*it) <= weight * 1000.0).unwrap_or(0)
}

impl Language {
    fn read(tag: &str, text: &str) -> Result<Language, String> {
        let is_tag = |it: &str| {
            (2..=35).contains(&it.len())
                && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        if !is_tag(tag) {
            return Err("its name is no language tag, such as de or pt-BR".into());
        }
        let messages = toml::from_str(text).map_err(|error| error.to_string())?;
        Ok(Language { tag: tag.into(), messages })
    }

    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.messages.contains_key(key)
    }

    /// What a page says. All keys are in the English file, which a test of each page holds.
    pub(crate) fn say<'a>(&'a self, key: &'a str) -> &'a str {
        debug_assert!(self.has(key), "no message is called {key}");
        self.messages.get(key).map_or(key, String::as_str)
    }

    /// The same with what stands in its braces. What is put in is not looked into again.
    pub(crate) fn say_of(&self, key: &str, values: &[(&str, &str)]) -> String {
        filled(self.say(key), values)
    }

    /// An amount with exactly the decimals of its currency.
    pub(crate) fn money(&self, amount: Money, currency: Currency) -> String {
        let digits = Money(amount.0.abs()).display(currency).to_string();
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push_str(self.say("money.group"));
            }
            grouped.push(digit);
        }
        if !fraction.is_empty() {
            grouped.push_str(self.say("money.decimal"));
            grouped.push_str(fraction);
        }
        let sign = if amount < Money::ZERO { "\u{2212}" } else { "" };
        let values = [("amount", grouped.as_str()), ("currency", currency.code())];
        // A line never breaks within an amount.
        format!("{sign}{}", self.say_of("money.pattern", &values)).replace(' ', "\u{a0}")
    }

    /// The day of a moment in a store's time zone.
    pub(crate) fn date(&self, at: Moment, zone: TimeZone) -> String {
        let Ok(at) = Timestamp::from_millisecond(at.0) else { return String::new() };
        let day = at.to_zoned(zone).date();
        let month = format!("month.{}", day.month());
        let values = [
            ("day", day.day().to_string()),
            ("month", self.say(&month).to_owned()),
            ("year", day.year().to_string()),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.say_of("date.pattern", &values)
    }
}

fn filled(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = from.split_once('}') else {
            // It is no name: the text stays as it is.
            rest = &rest[before.len()..];
            break;
        };
        let value = values.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
        text.push_str(value.unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|it| Some(it.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_says_all_and_leaves_out_no_value() {
        let english = Language::read(ENGLISH.0, ENGLISH.1).expect("it can be read");
        let bokmaal = Language::read(BOKMAAL.0, BOKMAAL.1).expect("it can be read");
        let keys = |it: &Language| it.messages.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&english), keys(&bokmaal));
        for (key, text) in &english.messages {
            let other = bokmaal.say(key);
            assert_eq!(names(text), names(other), "{key}");
            assert!(!text.is_empty() && !other.is_empty(), "{key}");
        }
    }

    #[test]
    fn the_best_language_is_chosen() {
        let languages = Languages::default();
        let check = |named: Option<&str>, accepted: &str, expected: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accepted.parse().expect("a header value"));
            assert_eq!(languages.choose(named, &headers).tag(), expected, "{named:?} {accepted}");
        };
        check(None, "nb-NO,nb;q=0.9,en;q=0.8", "nb");
        check(None, "en-GB,nb;q=0.9", "en");
        check(None, "fr,en;q=0.4,no;q=0.5", "nb");
        check(None, "nb;q=0", "en");
        check(None, "nb;q=x, *", "en");
        check(None, "fr", "en");
        check(Some("nb"), "en", "nb");
        check(Some("xx"), "nb", "nb");
        check(Some("<script>"), "en", "en");
    }

    #[test]
    fn money_and_dates_are_exact_in_every_language() {
        let languages = Languages::default();
        let said = |tag: &str, minor: i64, code: &str| {
            let language = languages.find(tag).expect("it is there");
            let currency = Currency::parse(code).expect("a currency");
            language.money(Money(minor), currency).replace('\u{a0}', " ")
        };
        assert_eq!(said("en", 123_456, "USD"), "USD 1,234.56");
        assert_eq!(said("en", -5, "USD"), "\u{2212}USD 0.05");
        assert_eq!(said("en", 100_000_000, "JPY"), "JPY 100,000,000");
        assert_eq!(said("nb", 123_456, "NOK"), "1 234,56 NOK");
        assert_eq!(said("nb", 7_500, "KWD"), "7,500 KWD");
        let day = |tag: &str| {
            let language = languages.find(tag).expect("it is there");
            let oslo = TimeZone::get("Europe/Oslo").expect("a zone");
            language.date(Moment(1_751_321_000_000), oslo)
        };
        assert_eq!(day("en"), "1 July 2025", "it is still June in UTC");
        assert_eq!(day("nb"), "1. juli 2025");
    }

    #[test]
    fn a_folder_brings_further_languages() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        };
        put("sv.toml", "\"page.checkout\" = \"Kassa\"");
        put("README.md", "not a language");
        let languages = Languages::with_folder(folder.path()).expect("they can be read");
        let swedish = languages.find("sv-SE").expect("it is there");
        assert_eq!((swedish.say("page.checkout"), swedish.say("wait.pay")), ("Kassa", "Pay now"));
        put("de.toml", "\"page.nowhere\" = \"Kasse\"");
        let refused = Languages::with_folder(folder.path()).expect_err("a typo");
        assert!(refused.contains("page.nowhere"), "{refused}");
        put("de.toml", "not toml");
        assert!(Languages::with_folder(folder.path()).is_err());
    }

    #[test]
    fn what_is_put_in_is_not_looked_into_again() {
        assert_eq!(filled("a {x} b {y}", &[("x", "{y}"), ("y", "z")]), "a {y} b z");
        assert_eq!(filled("a {x", &[]), "a {x");
    }
}
