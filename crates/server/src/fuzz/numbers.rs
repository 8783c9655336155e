//! Numbers and money against arithmetic that is done another way.

use domain::money::{Currency, Decimal, Money};
use proptest::prelude::*;
use testkit::random::{config, number, pieces};

use crate::json::number::Number;

/// What reads no more than this many decimals can be counted exactly in an `i128`.
const DECIMALS: i32 = 15;

/// The value in units of 10^-15, where it is as short as the first kind of number above.
fn counted(text: &str) -> Option<i128> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power: i32 = power.parse().ok().filter(|it: &i32| it.abs() <= 9)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() > 7 || fraction.len() > 6 {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let zeros = DECIMALS + power - i32::try_from(fraction.len()).ok()?;
    Some(digits * 10_i128.pow(u32::try_from(zeros).ok()?))
}

const WHOLE: i128 = 1_000_000_000_000_000;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_number_is_what_it_says(text in number()) {
        let integer = Number::read(&text).and_then(Number::to_integer);
        let decimal = text.parse::<Decimal>().ok();
        if let Some(expected) = counted(&text) {
            let whole = (expected % WHOLE == 0).then_some(expected / WHOLE);
            let whole = whole.and_then(|it| i64::try_from(it).ok());
            prop_assert_eq!(integer, whole);
            let decimal = decimal.ok_or_else(|| TestCaseError::fail("a decimal"))?;
            let cents = expected % (WHOLE / 100) == 0;
            let money = Money::from_decimal(decimal, Currency::USD);
            let expected = cents.then_some(expected / (WHOLE / 100));
            let expected = expected.filter(|it| it.abs() <= i128::from(Money::MAX.0));
            prop_assert_eq!(money.ok().map(|it| i128::from(it.0)), expected);
        }
        if let Some(decimal) = decimal {
            prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        }
        if let Some(integer) = integer {
            let again = integer.to_string();
            prop_assert_eq!(Number::read(&again), Number::read(&text));
        }
    }

    #[test]
    fn any_text_is_a_decimal_or_not(text in pieces(PIECES, 0..=8)) {
        if let Ok(decimal) = text.parse::<Decimal>() {
            prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
            prop_assert!(text.bytes().all(|it| b"-+.eE0123456789".contains(&it)), "{}", text);
        }
    }
}

const PIECES: &[&str] = &[
    "0",
    "00",
    "1",
    "9",
    "10",
    "99999999999999999999",
    "-",
    "+",
    ".",
    "e",
    "E",
    "e-",
    "e+",
    " ",
    "9223372036854775807",
    "9223372036854775808",
    "_",
    ",",
    "x",
    "inf",
    "٣",
];
