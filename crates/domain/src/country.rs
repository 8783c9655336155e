//! Countries: ISO 3166 codes or English names in, the two-letter code out.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(&'static str);

impl Country {
    /// Reads `US`, `usa`, `United States`.
    pub fn parse(text: &str) -> Option<Country> {
        let text = text.trim();
        let code = text.to_ascii_uppercase();
        let found = match code.len() {
            2 => celes::Country::from_alpha2(&code),
            3 => celes::Country::from_alpha3(&code),
            _ => {
                let name: String = text.chars().filter(|it| it.is_alphabetic()).collect();
                let name = name.to_lowercase();
                celes::Country::from_name(&name)
                    .or_else(|_| celes::Country::from_alias(&name))
                    .or_else(|_| celes::Country::from_name(format!("the{name}")))
            }
        };
        found.ok().map(|it| Country(it.alpha2))
    }

    /// All of them with their English names, in the order of these.
    pub fn all() -> Vec<(Country, &'static str)> {
        let countries = celes::Country::get_countries();
        let mut all: Vec<_> =
            countries.iter().map(|it| (Country(it.alpha2), it.long_name)).collect();
        all.sort_by_key(|(_, name)| *name);
        all
    }

    pub fn alpha2(self) -> &'static str {
        self.0
    }

    /// Mail does not arrive without the state or province there (the countries whose
    /// address format requires one and whose postal code does not imply it: the postal
    /// administrations' formats, as collected by the Universal Postal Union).
    pub fn needs_state(self) -> bool {
        ["AU", "BR", "CA", "CN", "IN", "MX", "US"].contains(&self.alpha2())
    }

    /// Whether the country has postal codes at all (Universal Postal Union, country sheets).
    pub fn has_zip(self) -> bool {
        !WITHOUT_ZIP.contains(&self.alpha2())
    }
}

/// Countries and territories without a postal code system, in alphabetical order.
const WITHOUT_ZIP: [&str; 60] = [
    "AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BQ", "BS", "BW", "BZ", "CD", "CF", "CG", "CI",
    "CK", "CM", "CW", "DJ", "DM", "ER", "FJ", "GA", "GD", "GH", "GM", "GQ", "GY", "HK", "JM", "KI",
    "KM", "KN", "KP", "LY", "ML", "MO", "MR", "MW", "NR", "NU", "QA", "RW", "SB", "SC", "SL", "SR",
    "ST", "SX", "SY", "TD", "TG", "TK", "TL", "TO", "TV", "UG", "VU", "ZW",
];

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha2())
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.alpha2())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Country, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Country::parse(&code).ok_or_else(|| serde::de::Error::custom("unknown country"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_and_names() {
        for (text, code) in [
            ("US", "US"),
            ("usa", "US"),
            ("United States of America", "US"),
            ("United States", "US"),
            ("Norway", "NO"),
            (" nor ", "NO"),
            ("Germany", "DE"),
        ] {
            assert_eq!(Country::parse(text).map(Country::alpha2), Some(code), "{text}");
        }
        for text in ["", "XX", "ZZZ", "Atlantis", "🇳🇴"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
    }
}
