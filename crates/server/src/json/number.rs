//! Numbers by their value, not by their spelling: `2`, `2.0` and `2e0` are the same number.

/// A number's text taken apart: `±0.d₁d₂d₃… × 10^exponent`, d₁ and the last digit not zero.
/// Zero has no digits. Two texts of one value are equal here.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a> {
    negative: bool,
    /// From the first to the last digit that is not zero; may hold the point.
    digits: &'a str,
    exponent: i64,
}

impl<'a> Number<'a> {
    /// Takes a number of valid JSON. `None` for an exponent beyond what any quantity has.
    pub fn read(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let is_significant = |byte: &u8| (b'1'..=b'9').contains(byte);
        let Some(start) = mantissa.as_bytes().iter().position(is_significant) else {
            return Some(Number { negative: false, digits: "", exponent: 0 });
        };
        let end = mantissa.as_bytes().iter().rposition(is_significant)? + 1;
        let point = mantissa.find('.').unwrap_or(mantissa.len());
        // The first digit stands before the point (places count from it) or after it.
        let places = if start < point {
            i64::try_from(point - start).ok()?
        } else {
            -i64::try_from(start - point - 1).ok()?
        };
        Some(Number {
            negative,
            digits: &mantissa[start..end],
            exponent: i64::from(power) + places,
        })
    }

    /// The value if it is a whole number within `i64`.
    pub fn to_integer(self) -> Option<i64> {
        let length = i64::try_from(self.digits().count()).ok()?;
        if length > self.exponent {
            return None;
        }
        let mut value: i64 = 0;
        for digit in self.digits() {
            value = self.append(value, digit - b'0')?;
        }
        for _ in length..self.exponent {
            value = self.append(value, 0)?;
        }
        Some(value)
    }

    fn append(self, value: i64, digit: u8) -> Option<i64> {
        let digit = if self.negative { -i64::from(digit) } else { i64::from(digit) };
        value.checked_mul(10)?.checked_add(digit)
    }

    pub fn is_negative(self) -> bool {
        self.negative
    }

    pub fn exponent(self) -> i64 {
        self.exponent
    }

    /// The significant digits in ASCII.
    pub fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.digits.bytes().filter(|byte| *byte != b'.')
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.negative == other.negative
            && self.exponent == other.exponent
            && self.digits().eq(other.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_are_known_in_every_spelling() {
        let check = |text: &str, expected: Option<i64>| {
            let found = Number::read(text).and_then(Number::to_integer);
            assert_eq!(found, expected, "{text}");
        };
        for text in ["2", "2.0", "2e0", "2.000e+0", "20E-1", "0.2e1", "0.0002e4", "200e-2"] {
            check(text, Some(2));
        }
        for text in ["0", "-0", "0.0", "0e5", "-0.000E-9"] {
            check(text, Some(0));
        }
        check("-1.5e1", Some(-15));
        check("1200", Some(1200));
        check("1.05e2", Some(105));
        check("9223372036854775807", Some(i64::MAX));
        check("-9223372036854775808", Some(i64::MIN));
        for text in ["2.5", "0.1", "1e-1", "9223372036854775808", "1e19", "1e2147483647"] {
            check(text, None);
        }
        check("1e99999999999", None);
    }

    #[test]
    fn equal_values_are_equal() {
        let check = |left: &str, right: &str, expected: bool| {
            assert_eq!(Number::read(left) == Number::read(right), expected, "{left} {right}");
        };
        check("10.1", "10.10", true);
        check("10.1", "1.01e1", true);
        check("0.001", "1e-3", true);
        check("-0", "0.0", true);
        check("1", "-1", false);
        check("1", "10", false);
        check("10.1", "1.01", false);
    }

    proptest! {
        #[test]
        fn integers_come_back(value: i64) {
            let text = value.to_string();
            prop_assert_eq!(Number::read(&text).and_then(Number::to_integer), Some(value));
        }

        #[test]
        fn any_number_is_read(
            text in r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,15})?",
        ) {
            let _ = Number::read(&text).and_then(Number::to_integer);
        }
    }
}
