//! `orderd check-config`: what a server would start with, and where each setting comes from.

use std::net::SocketAddr;

use clap::Args;

use crate::{
    settings::{Overrides, Settings},
    signing, telemetry,
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    /// The address to listen on, as `serve` would be told
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Settings whose name ends in one of these are never shown.
const SECRETS: [&str; 4] = ["secret", "password", "token", "key"];

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let (settings, sources) = Settings::explained(&arguments.overrides, arguments.listen)?;
    telemetry::log_filter(&settings)?;
    store::check(&settings.database)
        .map_err(|error| format!("the setting database is wrong: {error}"))?;
    signing::vault()?;
    let whole = serde_json::to_value(&settings).map_err(|error| error.to_string())?;
    for (name, value) in flat("", &whole) {
        println!("{name} = {}    # {}", shown(&name, value), sources.of(&name));
    }
    let is_set = std::env::var_os("ORDERD_MASTER_KEY").is_some_and(|it| !it.is_empty());
    println!("# ORDERD_MASTER_KEY is {}", if is_set { "set" } else { "not set" });
    Ok(())
}

/// Each setting by its whole name.
fn flat<'v>(before: &str, value: &'v serde_json::Value) -> Vec<(String, &'v serde_json::Value)> {
    let Some(members) = value.as_object() else { return vec![(before.to_owned(), value)] };
    let named = members.iter().flat_map(|(name, value)| {
        let whole = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        flat(&whole, value)
    });
    named.collect()
}

fn shown(name: &str, value: &serde_json::Value) -> String {
    let is_secret = SECRETS.iter().any(|it| name.ends_with(it));
    match value.as_str() {
        _ if is_secret && !value.is_null() => "(hidden)".into(),
        Some(text) => format!("{:?}", without_password(text)),
        None => value.to_string(),
    }
}

/// A URL without the password that may stand before its host or among its parameters.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may have an @ of its own; a host has none.
    let place = match place.rsplit_once('@') {
        Some((who, host)) => {
            let user = who.split(':').next().unwrap_or_default();
            let hidden = if who.contains(':') { ":(hidden)" } else { "" };
            format!("{user}{hidden}@{host}")
        }
        None => place.to_owned(),
    };
    let parameters = parameters.split('&').map(|it| match it.split_once('=') {
        Some((name @ ("password" | "sslpassword"), _)) => format!("{name}=(hidden)"),
        _ => it.to_owned(),
    });
    let parameters = parameters.collect::<Vec<_>>().join("&");
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{place}{mark}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden() {
        let check = |text: &str, expected: &str| assert_eq!(without_password(text), expected);
        check("sqlite:orderd.db", "sqlite:orderd.db");
        check("postgres://shop@db/orders", "postgres://shop@db/orders");
        check("postgres://shop:pass@db:5432/orders", "postgres://shop:(hidden)@db:5432/orders");
        check("postgres://shop:p@ss@db/orders", "postgres://shop:(hidden)@db/orders");
        check(
            "postgres://db/orders?user=u&password=p",
            "postgres://db/orders?user=u&password=(hidden)",
        );
        let key = serde_json::json!("sk_live");
        assert_eq!(shown("stripe.secret_key", &key), "(hidden)");
        assert_eq!(shown("payment.provider", &serde_json::json!("sandbox")), "\"sandbox\"");
        assert_eq!(shown("queue.max", &serde_json::json!(7)), "7");
    }
}
