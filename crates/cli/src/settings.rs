//! What the operator has set: a file, over it the environment, over both the flags.
//!
//! A wrong or unknown setting stops the start with a sentence that names it: a typo must not
//! silently mean the default.

mod checkout;
mod edge;
mod telemetry;

use std::{fmt, net::SocketAddr, path::PathBuf};

use clap::Args;
use domain::payment::Capture;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize, de};

pub(crate) use self::telemetry::Telemetry;
use self::{
    checkout::Checkout,
    edge::{Connections, Cors, RateLimit, Tls},
};

const FILE: &str = "orderd.toml";

/// Flags that every command shares.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// sqlite:FILE or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The file of settings; without this flag, orderd.toml if there is one
    #[arg(long, value_name = "FILE", env = "ORDERD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    #[serde(default = "default_database")]
    pub(crate) database: String,
    #[serde(default)]
    pub(crate) rate_limit: RateLimit,
    #[serde(default)]
    pub(crate) connections: Connections,
    #[serde(default)]
    pub(crate) cors: Cors,
    #[serde(default)]
    pub(crate) tls: Tls,
    #[serde(default)]
    pub(crate) idempotency: Idempotency,
    #[serde(default)]
    pub(crate) customers: Customers,
    #[serde(default)]
    pub(crate) queue: Queue,
    #[serde(default)]
    pub(crate) cart: Cart,
    #[serde(default)]
    pub(crate) checkout: Checkout,
    #[serde(default)]
    pub(crate) payment: Payment,
    #[serde(default)]
    pub(crate) log: Log,
    #[serde(default)]
    pub(crate) telemetry: Telemetry,
    #[serde(default)]
    pub(crate) auth: Auth,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idempotency {
    /// A change without an Idempotency-Key is refused.
    #[serde(default)]
    pub(crate) required: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Customers {
    /// A customer exists from the first accepted order that names it.
    pub(crate) auto_register: bool,
}

impl Default for Customers {
    fn default() -> Customers {
        Customers { auto_register: true }
    }
}

/// Whose tokens count beside those of our own keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    /// Where clients find this server; its name in the tokens that it signs from then on.
    #[serde(deserialize_with = "address")]
    pub(crate) public_url: Option<String>,
    pub(crate) issuers: Vec<Issuer>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuer {
    /// `iss` of its tokens, to the letter.
    pub(crate) issuer: String,
    /// The address or the file of its keys.
    pub(crate) jwks: String,
    /// One of these must be among `aud` of its tokens.
    pub(crate) audience: Audience,
    #[serde(default = "customer")]
    pub(crate) may_grant: Vec<String>,
    /// Stands before its subjects; one issuer may do without.
    #[serde(default)]
    pub(crate) user_prefix: Option<String>,
}

/// One text, or several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl From<Audience> for Vec<String> {
    fn from(audience: Audience) -> Vec<String> {
        match audience {
            Audience::One(it) => vec![it],
            Audience::Several(all) => all,
        }
    }
}

fn customer() -> Vec<String> {
    vec!["customer".into()]
}

fn address<'de, D: de::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let url = reqwest::Url::parse(&text).ok().filter(|it| {
        let is_plain = it.query().is_none() && it.fragment().is_none() && it.path() == "/";
        ["http", "https"].contains(&it.scheme()) && it.has_host() && is_plain
    });
    if url.is_none() || text.ends_with('/') {
        let expected = "an address as https://orders.example.com, without a slash at its end";
        return Err(de::Error::invalid_value(de::Unexpected::Str(&text), &expected));
    }
    Ok(Some(text))
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    /// Changes that may wait for their batch; past it a caller is told to come again.
    #[serde(deserialize_with = "waiting")]
    pub(crate) max: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Cart {
    /// How long a cart is kept after its last change.
    #[serde(deserialize_with = "kept")]
    pub(crate) kept_days: i64,
    /// Where carts are asked for that are not here.
    pub(crate) url: Option<CartUrl>,
}

impl Default for Cart {
    fn default() -> Cart {
        Cart { kept_days: 30, url: None }
    }
}

/// It may hold a password.
#[derive(Clone, Serialize)]
pub(crate) struct CartUrl(String);

impl CartUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CartUrl")
    }
}

impl<'de> Deserialize<'de> for CartUrl {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<CartUrl, D::Error> {
        let text = String::deserialize(from)?;
        engine::http::address(&text).map_err(de::Error::custom)?;
        Ok(CartUrl(text))
    }
}

const CART_DAYS_MAX: u64 = 3650;

fn kept<'de, D: de::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let days = u64::deserialize(from)?;
    let allowed = (1..=CART_DAYS_MAX).contains(&days).then_some(days);
    allowed.and_then(|it| i64::try_from(it).ok()).ok_or_else(|| {
        let expected = format!("a number from 1 to {CART_DAYS_MAX}");
        de::Error::invalid_value(de::Unexpected::Unsigned(days), &expected.as_str())
    })
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Payment {
    pub(crate) provider: Provider,
    /// Where the sandbox keeps its books; without it, beside the database.
    pub(crate) sandbox_file: Option<PathBuf>,
    /// How long the stock of an order that is not paid yet is kept.
    #[serde(deserialize_with = "reservation")]
    pub(crate) reservation_minutes: i64,
    /// When the money of an authorized payment is taken.
    pub(crate) capture: Capture,
}

impl Default for Payment {
    fn default() -> Payment {
        Payment {
            provider: Provider::Sandbox,
            sandbox_file: None,
            reservation_minutes: 30,
            capture: Capture::AtOnce,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Provider {
    Sandbox,
}

/// A week, as long as a payment may be on its way.
const RESERVATION_MINUTES_MAX: u64 = 7 * 24 * 60;

fn reservation<'de, D: de::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let minutes = u64::deserialize(from)?;
    let allowed = (1..=RESERVATION_MINUTES_MAX).contains(&minutes).then_some(minutes);
    allowed.and_then(|it| i64::try_from(it).ok()).ok_or_else(|| {
        let expected = format!("a number from 1 to {RESERVATION_MINUTES_MAX}");
        de::Error::invalid_value(de::Unexpected::Unsigned(minutes), &expected.as_str())
    })
}

/// More would only wait longer than any caller does.
const WAITING_MAX: u64 = 1_000_000;

fn waiting<'de, D: de::Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let count = u64::deserialize(from)?;
    let allowed = (1..=WAITING_MAX).contains(&count).then_some(count);
    allowed.and_then(|it| usize::try_from(it).ok()).ok_or_else(|| {
        let expected = format!("a number from 1 to {WAITING_MAX}");
        de::Error::invalid_value(de::Unexpected::Unsigned(count), &expected.as_str())
    })
}

impl Default for Queue {
    fn default() -> Queue {
        Queue { max: engine::QUEUE_MAX }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// What is logged, in the syntax of tracing's filters: `info`, `warn,engine=debug`.
    pub(crate) filter: String,
}

impl Default for Log {
    fn default() -> Log {
        Log { filter: "info".into() }
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_database() -> String {
    "sqlite:orderd.db".into()
}

impl Settings {
    pub(crate) fn read(overrides: &Overrides) -> Result<Settings, String> {
        Settings::from(Settings::sources(overrides)?)
    }

    /// The same, with one more flag over all.
    pub(crate) fn read_with_listen(
        overrides: &Overrides,
        listen: Option<SocketAddr>,
    ) -> Result<Settings, String> {
        Settings::explained(overrides, listen).map(|(settings, _)| settings)
    }

    /// The same, with where each of them comes from.
    pub(crate) fn explained(
        overrides: &Overrides,
        listen: Option<SocketAddr>,
    ) -> Result<(Settings, Sources), String> {
        let mut sources = Settings::sources(overrides)?;
        if let Some(listen) = listen {
            sources = sources.merge(Serialized::default("listen", listen));
        }
        let settings = Settings::from(sources.clone())?;
        Ok((settings, Sources(sources)))
    }

    /// Beside the database, so that what belongs together lies together.
    pub(crate) fn sandbox_file(&self) -> PathBuf {
        let set = self.payment.sandbox_file.clone();
        set.unwrap_or_else(|| match self.database.strip_prefix("sqlite:") {
            Some(file) => format!("{file}-sandbox").into(),
            None => "orderd-sandbox.db".into(),
        })
    }

    fn sources(overrides: &Overrides) -> Result<Figment, String> {
        let file = match &overrides.config {
            Some(path) if !path.exists() => {
                return Err(format!("there is no file of settings at {}", path.display()));
            }
            Some(path) => Toml::file_exact(path),
            None => Toml::file(FILE),
        };
        let mut sources = Figment::new().merge(file).merge(environment());
        if let Some(database) = &overrides.database {
            sources = sources.merge(Serialized::default("database", database));
        }
        Ok(sources)
    }

    fn from(sources: Figment) -> Result<Settings, String> {
        sources.extract().map_err(|error| {
            let faults = error.into_iter().map(|it| it.to_string()).collect::<Vec<_>>();
            format!("the settings are wrong: {}", faults.join("; "))
        })
    }
}

/// Where settings come from.
pub(crate) struct Sources(Figment);

impl Sources {
    /// In words, for a person who looks for the place where to change it.
    pub(crate) fn of(&self, name: &str) -> String {
        let Some(metadata) = self.0.find_metadata(name) else { return "default".into() };
        match metadata.source.as_ref().and_then(|it| it.file_path()) {
            Some(file) => file.display().to_string(),
            None if metadata.name.contains("environment") => "environment".into(),
            None => "flag".into(),
        }
    }
}

/// Settings of the top; `ORDERD_<SECTION>_<KEY>` is a section's.
const TOP: [&str; 2] = ["listen", "database"];

/// What a variable of a section with two words in its name means; alone it is its chief setting.
const RATE_LIMIT: &str = "rate_limit";

/// Variables that are no settings: the file's name, secrets, and what the tests use.
const OTHERS: [&str; 4] = ["config", "master_key", "master_key_old", "tools"];

fn environment() -> Env {
    Env::prefixed("ORDERD_")
        .filter(|key| {
            let name = key.as_str().to_ascii_lowercase();
            !OTHERS.contains(&name.as_str()) && !name.starts_with("test_")
        })
        .map(|key| {
            let name = key.as_str().to_ascii_lowercase();
            match name.strip_prefix(RATE_LIMIT) {
                Some("") => return format!("{RATE_LIMIT}.per_minute").into(),
                Some(rest) if rest.starts_with('_') => {
                    return format!("{RATE_LIMIT}.{}", &rest[1..]).into();
                }
                Some(_) | None => {}
            }
            match name.split_once('_') {
                Some((section, key)) if !TOP.contains(&name.as_str()) => {
                    format!("{section}.{key}").into()
                }
                Some(_) | None => name.into(),
            }
        })
}

#[cfg(test)]
mod tests {
    use figment::Jail;

    use super::{edge::Rate, *};

    fn read() -> Result<Settings, String> {
        Settings::read(&Overrides::default())
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure has figment's own error")]
    fn flags_go_over_the_environment_and_that_over_the_file() {
        Jail::expect_with(|jail| {
            jail.create_file(
                "orderd.toml",
                "database = \"sqlite:file.db\"\nlisten = \"127.0.0.1:1\"\n[queue]\nmax = 7\n",
            )?;
            jail.set_env("ORDERD_LISTEN", "127.0.0.1:2");
            jail.set_env("ORDERD_RATE_LIMIT", "off");
            jail.set_env("ORDERD_RATE_LIMIT_TRUSTED_PROXIES", "10.0.0.0/8, ::1");
            jail.set_env("ORDERD_CONNECTIONS_HEAD_SECONDS", "2");
            jail.set_env("ORDERD_CORS_ORIGINS", "https://shop.example,http://localhost:3000");
            jail.set_env("ORDERD_TLS_CERTIFICATE", "cert.pem");
            jail.set_env("ORDERD_IDEMPOTENCY_REQUIRED", "true");
            jail.set_env("ORDERD_CUSTOMERS_AUTO_REGISTER", "false");
            jail.set_env("ORDERD_CART_KEPT_DAYS", "7");
            jail.set_env("ORDERD_CART_URL", "https://me:secret@carts.example.com/all");
            jail.set_env("ORDERD_PAYMENT_SANDBOX_FILE", "bank.db");
            jail.set_env("ORDERD_PAYMENT_RESERVATION_MINUTES", "5");
            jail.set_env("ORDERD_PAYMENT_CAPTURE", "at_shipment");
            let overrides = Overrides { database: Some("sqlite:flag.db".into()), config: None };
            let settings = Settings::read(&overrides).expect("the settings are right");
            assert_eq!(settings.database, "sqlite:flag.db");
            assert_eq!(settings.listen.port(), 2);
            assert_eq!(settings.rate_limit.per_minute, Rate::Off);
            let proxies = &settings.rate_limit.trusted_proxies;
            assert_eq!(*proxies, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
            assert_eq!(settings.connections.limits().head_time.as_secs(), 2);
            assert_eq!(settings.connections.limits().idle_time.as_secs(), 75);
            assert_eq!(settings.cors.origins, ["https://shop.example", "http://localhost:3000"]);
            assert_eq!(settings.tls.certificate, Some("cert.pem".into()));
            assert_eq!(settings.queue.max, 7);
            assert!(settings.idempotency.required);
            assert!(!settings.customers.auto_register);
            assert!(!format!("{settings:?}").contains("secret"));
            assert_eq!(settings.cart.kept_days, 7);
            let url = settings.cart.url.as_ref().map(CartUrl::as_str);
            assert_eq!(url, Some("https://me:secret@carts.example.com/all"));
            let Payment { provider, sandbox_file, reservation_minutes, capture } = settings.payment;
            assert_eq!((provider, reservation_minutes), (Provider::Sandbox, 5));
            assert_eq!((sandbox_file, capture), (Some("bank.db".into()), Capture::AtShipment));
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure has figment's own error")]
    fn a_wrong_or_unknown_setting_is_named() {
        Jail::expect_with(|jail| {
            for (name, value) in [
                ("ORDERD_LISTEN", "nowhere"),
                ("ORDERD_LISTN", "127.0.0.1:1"),
                ("ORDERD_RATE_LIMIT", "0"),
                ("ORDERD_RATE_LIMIT", "fast"),
                ("ORDERD_RATE_LIMIT_TRUSTED_PROXIES", "everybody"),
                ("ORDERD_RATE_LIMIT_PROXIES", "::1"),
                ("ORDERD_CONNECTIONS_MAX", "0"),
                ("ORDERD_CONNECTIONS_IDLE_SECONDS", "long"),
                ("ORDERD_CORS_ORIGINS", "*"),
                ("ORDERD_CORS_ORIGINS", "https://shop.example/"),
                ("ORDERD_TLS_CERT", "cert.pem"),
                ("ORDERD_QUEUE_MX", "5"),
                ("ORDERD_QUEUE_MAX", "many"),
                ("ORDERD_QUEUE_MAX", "0"),
                ("ORDERD_QUEUE_MAX", "18446744073709551615"),
                ("ORDERD_CART_KEPT_DAYS", "0"),
                ("ORDERD_CART_KEPT_DAYS", "3651"),
                ("ORDERD_CART_KEPT", "5"),
                ("ORDERD_CART_URL", "carts.example.com"),
                ("ORDERD_CART_URL", "https://carts.example.com/?id="),
                ("ORDERD_PAYMENT_PROVIDER", "bank"),
                ("ORDERD_PAYMENT_CAPTURE", "never"),
                ("ORDERD_PAYMENT_RESERVATION_MINUTES", "0"),
                ("ORDERD_PAYMENT_RESERVATION_MINUTES", "10081"),
                ("ORDERD_PAYMENT_SANDBOX", "file"),
            ] {
                jail.clear_env();
                jail.set_env(name, value);
                let why = read().expect_err(name);
                let key = name.rsplit('_').next().unwrap_or(name).to_lowercase();
                assert!(why.to_lowercase().contains(&key), "{name}={value}: {why}");
            }
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure has figment's own error")]
    fn a_rate_limit_is_a_word_a_number_or_a_table() {
        Jail::expect_with(|jail| {
            let check = |file: &str, expected: Option<(u32, usize)>| {
                jail.create_file("orderd.toml", file)?;
                let limit = read().expect(file).rate_limit;
                let customers = limit.per_minute.limits().map(|it| it.customers.get());
                let found = customers.map(|it| (it, limit.trusted_proxies.len()));
                assert_eq!(found, expected, "{file}");
                Ok::<(), figment::Error>(())
            };
            check("", Some((600, 0)))?;
            check("rate_limit = \"off\"", None)?;
            check("rate_limit = 50", Some((50, 0)))?;
            check("[rate_limit]\nper_minute = 50", Some((50, 0)))?;
            check("[rate_limit]\ntrusted_proxies = [\"10.0.0.1\"]", Some((600, 1)))?;
            jail.set_env("ORDERD_RATE_LIMIT", "70");
            jail.create_file("orderd.toml", "rate_limit = 50")?;
            let over = read().expect("the environment goes over the file").rate_limit.per_minute;
            assert_eq!(over.limits().map(|it| it.others.get()), Some(70));
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure has figment's own error")]
    fn a_file_that_was_named_must_be_there() {
        Jail::expect_with(|_| {
            let overrides = Overrides { database: None, config: Some("missing.toml".into()) };
            assert!(Settings::read(&overrides).is_err());
            assert!(read().is_ok());
            Ok(())
        });
    }
}
