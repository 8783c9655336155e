//! The least that can be paid, as providers of card payments have it.

/// In minor units. What Stripe has published ("Minimum and maximum charge amounts",
/// <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>); a currency that is not
/// listed has no minimum.
pub(super) const MINIMUMS: &[(&str, i64)] = &[
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
];

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::MINIMUMS;

    #[test]
    fn every_code_is_a_currency() {
        for (code, minor) in MINIMUMS {
            assert!(Currency::parse(code).is_some(), "{code}");
            assert!(*minor > 0, "{code}");
        }
    }
}
