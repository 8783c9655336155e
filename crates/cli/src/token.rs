//! `orderd token`: a token of this server, alone, on standard output.

use clap::Args;
use server::auth::Grant;

use crate::{
    settings::{Overrides, Settings},
    signing,
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    /// Who the bearer is: a customer's id, a person's name
    #[arg(long)]
    sub: String,
    /// staff, customer, orders:read, … separated by spaces; without it, a customer
    #[arg(long, default_value = "")]
    scope: String,
    /// How long it is valid: 90s, 15m, 1h, 7d
    #[arg(long, default_value = "1h", value_parser = seconds)]
    ttl: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let settings = Settings::read(&arguments.overrides)?;
    let key = signing::open_key(&settings.database)?;
    let issuer = settings.auth.public_url.as_deref();
    let (subject, scope) = (arguments.sub.as_str(), arguments.scope.as_str());
    let grant = Grant { issuer, subject, scope, ..Grant::default() };
    println!("{}", signing::mint(&key, &grant, arguments.ttl)?);
    Ok(())
}

fn seconds(text: &str) -> Result<u64, String> {
    const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let parsed = UNITS.iter().find_map(|(unit, seconds)| {
        text.strip_suffix(*unit)?.parse::<u64>().ok()?.checked_mul(*seconds)
    });
    match parsed {
        Some(seconds) if seconds > 0 => Ok(seconds),
        Some(_) | None => Err("a time is a number with its unit: 90s, 15m, 1h, 7d".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "1", "h", "0s", "-1h", "1.5h", "18446744073709551615d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
