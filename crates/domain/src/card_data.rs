//! Recognizes payment card data, so that it is refused before anything stores or logs it.
//!
//! A card number is a run of 13 to 19 digits, in groups parted by single spaces or hyphens, whose
//! check digit is right (Luhn, ISO/IEC 7812-1 annex B) and whose first digits and length belong to
//! a card network. The networks' ranges are those that they publish for merchants.

/// Names of fields that never hold anything but card data, without hyphens and underscores and in
/// lower case: `card_number`, `cardNumber`, `Card-Number` are one name.
pub const CARD_FIELDS: [&str; 4] = ["cardnumber", "cvc", "cvv", "pan"];

/// Whether a field of this name is one of [`CARD_FIELDS`], in whatever spelling.
pub fn is_card_field(name: &str) -> bool {
    CARD_FIELDS.iter().any(|field| {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        letters.map(|byte| byte.to_ascii_lowercase()).eq(field.bytes())
    })
}

/// Whether a card number stands anywhere in the text.
///
/// A number may be preceded or followed by other groups of digits ("box 12 4111 1111 1111 1111"),
/// so each sequence of whole groups is looked at; digits that stand together are never split.
pub fn contains_card_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(offset) = bytes[position..].iter().position(u8::is_ascii_digit) {
        let start = position + offset;
        if card_number_starts_at(&bytes[start..]) {
            return true;
        }
        let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        position = start + digits;
    }
    false
}

const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;

/// Numbers whose first digits, cut to as many as `first` has, lie in `first..=last`.
struct Network {
    name: &'static str,
    first: u32,
    last: u32,
    lengths: std::ops::RangeInclusive<usize>,
}

const fn network(
    name: &'static str,
    first: u32,
    last: u32,
    length_min: usize,
    length_max: usize,
) -> Network {
    Network { name, first, last, lengths: length_min..=length_max }
}

/// Issuer identification numbers (ISO/IEC 7812-1) by network. Visa, Mastercard, American Express,
/// Discover (with Diners Club and its alliance), JCB and UnionPay: the ranges of their merchant
/// and acquirer guides. Maestro: the prefixes in use; its whole range (50, 56 to 69) would take
/// one Luhn-valid number in seven for a card.
const NETWORKS: [Network; 24] = [
    network("Visa", 4, 4, 13, 13),
    network("Visa", 4, 4, 16, 16),
    network("Visa", 4, 4, 19, 19),
    network("Mastercard", 51, 55, 16, 16),
    network("Mastercard", 2221, 2720, 16, 16),
    network("American Express", 34, 34, 15, 15),
    network("American Express", 37, 37, 15, 15),
    network("Discover", 6011, 6011, 16, 19),
    network("Discover", 644, 649, 16, 19),
    network("Discover", 65, 65, 16, 19),
    network("Diners Club", 300, 305, 14, 19),
    network("Diners Club", 3095, 3095, 14, 19),
    network("Diners Club", 36, 36, 14, 19),
    network("Diners Club", 38, 39, 14, 19),
    network("JCB", 3528, 3589, 16, 19),
    network("UnionPay", 62, 62, 16, 19),
    network("UnionPay", 810, 817, 16, 19),
    network("Maestro", 5018, 5018, 13, 19),
    network("Maestro", 5020, 5020, 13, 19),
    network("Maestro", 5038, 5038, 13, 19),
    network("Maestro", 5893, 5893, 13, 19),
    network("Maestro", 6304, 6304, 13, 19),
    network("Maestro", 6759, 6759, 13, 19),
    network("Maestro", 6761, 6763, 13, 19),
];

/// Takes whole groups of digits until they are too many, and judges each length that is reached.
fn card_number_starts_at(bytes: &[u8]) -> bool {
    let mut digits = [0u8; DIGITS_MAX];
    let mut count = 0;
    let mut position = 0;
    loop {
        while let Some(byte) = bytes.get(position).filter(|byte| byte.is_ascii_digit()) {
            if count == DIGITS_MAX {
                return false;
            }
            digits[count] = byte - b'0';
            count += 1;
            position += 1;
        }
        if count >= DIGITS_MIN && is_card_number(&digits[..count]) {
            return true;
        }
        let parted = matches!(bytes.get(position), Some(b' ' | b'-'));
        if !parted || !bytes.get(position + 1).is_some_and(u8::is_ascii_digit) {
            return false;
        }
        position += 1;
    }
}

fn is_card_number(digits: &[u8]) -> bool {
    network_of(digits).is_some() && luhn_holds(digits)
}

fn network_of(digits: &[u8]) -> Option<&'static str> {
    let matching = NETWORKS.iter().find(|network| {
        let prefix_length = network.first.ilog10() as usize + 1;
        let prefix =
            digits[..prefix_length].iter().fold(0, |sum, &digit| sum * 10 + u32::from(digit));
        network.lengths.contains(&digits.len()) && (network.first..=network.last).contains(&prefix)
    });
    matching.map(|network| network.name)
}

fn luhn_holds(digits: &[u8]) -> bool {
    let values = digits.iter().rev().enumerate().map(|(index, &digit)| {
        let value = u32::from(digit) * if index % 2 == 1 { 2 } else { 1 };
        if value > 9 { value - 9 } else { value }
    });
    values.sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn card_numbers_are_found_in_text() {
        let check = |text: &str, expected: bool| {
            assert_eq!(contains_card_number(text), expected, "{text:?}");
        };
        check("4111111111111111", true);
        check("4111 1111 1111 1111", true);
        check("4111-1111-1111-1111", true);
        check("4111 1111-11111111", true);
        check("my card is 4111111111111111, thanks", true);
        check("card:4111111111111111.", true);
        check("box 12 4111 1111 1111 1111", true);
        check("4111 1111 1111 1111 12/30 123", true);
        check("first 1234567890123456 then 4111111111111111", true);
        check("4222222222222", true);
        // Wrong check digit, wrong parting, digits that stand together with others.
        check("4111111111111112", false);
        check("4111  1111  1111  1111", false);
        check("4111.1111.1111.1111", false);
        check("14111111111111111", false);
        check("41111111111111110000", false);
        // Luhn-valid without a network: all zeros, an IMEI, a prefix that nobody has.
        check("0000000000000000", false);
        check("490154203237518", false);
        check("9999999999999995", false);
        check("", false);
        check("ring twice, flat 12, phone 0043 664 1234567", false);
        check("٤١١١١١١١١١١١١١١١", false);
    }

    #[test]
    fn each_network_is_known_by_prefix_and_length() {
        let check = |digits: &str, expected: Option<&str>| {
            let values: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
            assert_eq!(network_of(&values).filter(|_| luhn_holds(&values)), expected, "{digits}");
        };
        check("4012888888881881", Some("Visa"));
        check("5555555555554444", Some("Mastercard"));
        check("2223003122003222", Some("Mastercard"));
        check("378282246310005", Some("American Express"));
        check("6011111111111117", Some("Discover"));
        check("30569309025904", Some("Diners Club"));
        check("38520000023237", Some("Diners Club"));
        check("3530111333300000", Some("JCB"));
        check("6205500000000000004", Some("UnionPay"));
        check("8171999927660000", Some("UnionPay"));
        check("6759649826438453", Some("Maestro"));
        check("5018000000000009", Some("Maestro"));
        check("411111111111116", None);
        check("3782822463100005", None);
    }

    #[test]
    fn card_fields_are_known_in_every_spelling() {
        for name in ["card_number", "cardNumber", "card-number", "CARDNUMBER", "cvc", "CVV", "pan"]
        {
            assert!(is_card_field(name), "{name}");
        }
        for name in ["card", "number", "company", "panel", "cvc2", "", "card number"] {
            assert!(!is_card_field(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC*") {
            contains_card_number(&text);
        }

        #[test]
        fn a_card_number_is_found_anywhere(before in "[a-z ,]{0,9}", after in "[a-z ,]{0,9}") {
            let text = format!("{before}4111 1111 1111 1111{after}");
            prop_assert!(contains_card_number(&text));
        }
    }
}
