//! Money is an `i64` of minor units; arithmetic is checked, and no float is ever involved.
//!
//! Text becomes a [`Decimal`] first, which is exact and knows no currency, and then [`Money`],
//! which refuses more decimals than its currency has (ISO 4217 gives USD 2, JPY 0, KWD 3).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub const USD: Currency = Currency(iso_currency::Currency::USD);

    pub fn parse(code: &str) -> Option<Currency> {
        iso_currency::Currency::from_code(code).filter(|it| it.exponent().is_some()).map(Currency)
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the currency has.
    pub fn decimals(self) -> u8 {
        u8::try_from(self.0.exponent().unwrap_or(0)).unwrap_or(0)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Currency, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Currency::parse(&code).ok_or_else(|| serde::de::Error::custom("unknown currency"))
    }
}

/// An amount in the minor unit of a currency that stands beside it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(pub i64);

/// The amount is larger than the system counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl Money {
    pub const ZERO: Money = Money(0);

    /// Amounts stay below this bound so that every sum over an order fits, also in a double with
    /// which a client may read it (2^53 is 9.0e15).
    pub const MAX: Money = Money(9_000_000_000_000_000);

    pub fn plus(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_add(other.0).map(Money).ok_or(Overflow)?.bounded()
    }

    pub fn minus(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_sub(other.0).map(Money).ok_or(Overflow)?.bounded()
    }

    pub fn times(self, count: u32) -> Result<Money, Overflow> {
        self.0.checked_mul(i64::from(count)).map(Money).ok_or(Overflow)?.bounded()
    }

    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, Overflow> {
        amounts.into_iter().try_fold(Money::ZERO, Money::plus)
    }

    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Money, MoneyFault> {
        let decimals = currency.decimals();
        if amount.scale > decimals {
            return Err(MoneyFault::TooManyDecimals { allowed: decimals });
        }
        let factor = 10_i64.pow(u32::from(decimals - amount.scale));
        let minor = amount.unscaled.checked_mul(factor).ok_or(MoneyFault::TooLarge)?;
        Money(minor).bounded().map_err(|Overflow| MoneyFault::TooLarge)
    }

    /// The amount in major units with exactly the currency's number of decimals.
    pub fn display(self, currency: Currency) -> impl fmt::Display {
        Displayed { minor: self.0, decimals: currency.decimals() }
    }

    /// The same as a text that needs no memory of its own: an answer has dozens of them.
    pub fn digits(self, currency: Currency) -> Digits {
        Digits::of(self.0, currency.decimals())
    }

    fn bounded(self) -> Result<Money, Overflow> {
        if self.0.abs() <= Money::MAX.0 { Ok(self) } else { Err(Overflow) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyFault {
    TooManyDecimals { allowed: u8 },
    TooLarge,
    Negative,
}

struct Displayed {
    minor: i64,
    decimals: u8,
}

impl fmt::Display for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimals <= Digits::DECIMALS_MAX {
            return f.write_str(Digits::of(self.minor, self.decimals).as_str());
        }
        // More decimals than there can be digits: it is less than one.
        let sign = if self.minor < 0 { "-" } else { "" };
        let width = usize::from(self.decimals);
        write!(f, "{sign}0.{:0width$}", self.minor.unsigned_abs())
    }
}

/// A number with its decimals, in ASCII.
pub struct Digits {
    /// Those of the largest number, a sign and a point.
    text: [u8; 22],
    from: usize,
}

impl Digits {
    const DECIMALS_MAX: u8 = 19;

    fn of(minor: i64, decimals: u8) -> Digits {
        let mut digits = Digits { text: [b'0'; 22], from: 22 };
        let mut left = minor.unsigned_abs();
        let mut written = 0;
        while left > 0 || written <= decimals {
            if written == decimals && decimals > 0 {
                digits.put(b'.');
            }
            digits.put(b'0' + u8::try_from(left % 10).unwrap_or(0));
            left /= 10;
            written += 1;
        }
        if minor < 0 {
            digits.put(b'-');
        }
        digits
    }

    fn put(&mut self, character: u8) {
        self.from -= 1;
        self.text[self.from] = character;
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text[self.from..]).unwrap_or_default()
    }
}

/// An exact decimal number, as JSON writes it: `10.1`, `-3`, `1e2`. Trailing zeros do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    unscaled: i64,
    scale: u8,
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Displayed { minor: self.unscaled, decimals: self.scale }.fmt(f)
    }
}

impl Decimal {
    pub fn is_negative(self) -> bool {
        self.unscaled < 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADecimal;

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Decimal, NotADecimal> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().map_err(|_| NotADecimal)?),
            None => (text, 0_i64),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        if digits.is_empty() || (mantissa.contains('.') && fraction.is_empty()) {
            return Err(NotADecimal);
        }
        if !digits.bytes().chain(fraction.bytes()).all(|it| it.is_ascii_digit()) {
            return Err(NotADecimal);
        }
        let mut unscaled = 0_i64;
        let mut scale = 0_i64.checked_sub(exponent).ok_or(NotADecimal)?;
        let mut zeros = 0_u32;
        for (at, digit) in digits.bytes().chain(fraction.bytes()).enumerate() {
            scale = scale.checked_add(i64::from(at >= digits.len())).ok_or(NotADecimal)?;
            zeros += 1;
            if digit != b'0' {
                // Zeros wait for a digit behind them, so that any number of trailing ones is fine.
                let shift = if unscaled == 0 { Some(1) } else { 10_i64.checked_pow(zeros) };
                unscaled = shift
                    .and_then(|shift| unscaled.checked_mul(shift))
                    .and_then(|it| it.checked_add(i64::from(digit - b'0')))
                    .ok_or(NotADecimal)?;
                zeros = 0;
            }
        }
        if unscaled == 0 {
            return Ok(Decimal { unscaled: 0, scale: 0 });
        }
        scale = scale.checked_sub(i64::from(zeros)).ok_or(NotADecimal)?;
        while scale < 0 {
            unscaled = unscaled.checked_mul(10).ok_or(NotADecimal)?;
            scale += 1;
        }
        let scale = u8::try_from(scale).map_err(|_| NotADecimal)?;
        let sign = if whole.starts_with('-') { -1 } else { 1 };
        Ok(Decimal { unscaled: sign * unscaled, scale })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, code: &str, expected: Result<i64, &str>) {
        let currency = Currency::parse(code).unwrap();
        let found = match text.parse::<Decimal>() {
            Err(NotADecimal) => Err("no decimal"),
            Ok(amount) => match Money::from_decimal(amount, currency) {
                Ok(money) => Ok(money.0),
                Err(MoneyFault::TooManyDecimals { .. }) => Err("too many decimals"),
                Err(MoneyFault::TooLarge) => Err("too large"),
                Err(MoneyFault::Negative) => Err("negative"),
            },
        };
        assert_eq!(found, expected, "{text} {code}");
    }

    #[test]
    fn text_becomes_minor_units_exactly() {
        check("10.1", "USD", Ok(1010));
        check("10.10", "USD", Ok(1010));
        check("10.1000000000000000000000000000", "USD", Ok(1010));
        check("1.01e1", "USD", Ok(1010));
        check("1010E-2", "USD", Ok(1010));
        check("0.29", "USD", Ok(29));
        check("-0.05", "USD", Ok(-5));
        check("0", "USD", Ok(0));
        check("-0.0", "USD", Ok(0));
        check("7500", "JPY", Ok(7500));
        check("7.500", "KWD", Ok(7500));
        check("90071992547409.91", "USD", Err("too large"));
        check("89999999999999.99", "USD", Ok(8_999_999_999_999_999));
        check("10.001", "USD", Err("too many decimals"));
        check("0.5", "JPY", Err("too many decimals"));
        check("7.5001", "KWD", Err("too many decimals"));
        for text in ["", "-", ".5", "5.", "1e", "abc", "1,0", "0x10", "NaN", "1e400", "1e-400"] {
            check(text, "USD", Err("no decimal"));
        }
        check("1e9223372036854775807", "USD", Err("no decimal"));
        check("0e9223372036854775807", "USD", Ok(0));
        check("1e-9223372036854775808", "USD", Err("no decimal"));
    }

    #[test]
    fn prints_exactly_the_currencys_decimals() {
        let print = |minor, code| Money(minor).display(Currency::parse(code).unwrap()).to_string();
        assert_eq!(print(7500, "USD"), "75.00");
        assert_eq!(print(5, "USD"), "0.05");
        assert_eq!(print(-5, "USD"), "-0.05");
        assert_eq!(print(7500, "JPY"), "7500");
        assert_eq!(print(7500, "KWD"), "7.500");
        assert_eq!(print(i64::MIN, "JPY"), "-9223372036854775808");
        assert_eq!(Digits::of(i64::MIN, 19).as_str(), "-0.9223372036854775808");
    }

    #[test]
    fn sums_refuse_to_wrap() {
        assert_eq!(Money(i64::MAX).plus(Money(1)), Err(Overflow));
        assert_eq!(Money::MAX.plus(Money(1)), Err(Overflow));
        assert_eq!(Money::MAX.times(2), Err(Overflow));
        assert_eq!(Money::sum([Money(1), Money(2)]), Ok(Money(3)));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(
            minor in -Money::MAX.0..=Money::MAX.0,
            code in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        ) {
            let currency = Currency::parse(code).unwrap();
            let text = Money(minor).display(currency).to_string();
            let read = Money::from_decimal(text.parse().unwrap(), currency);
            prop_assert_eq!(read, Ok(Money(minor)));
        }

        #[test]
        fn any_text_is_a_decimal_or_not_but_never_a_panic(text in "[-+0-9.eE]{0,40}") {
            let _ = text.parse::<Decimal>();
        }
    }
}
