//! Settings of what comes in: how often, from where, for how long, and by which pages.

use std::{
    fmt,
    marker::PhantomData,
    net::IpAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::HeaderValue;
use serde::{Deserialize, Deserializer, Serialize, de};
use server::{IpNet, PerMinute, listener::Limits};

/// `off`, `standard` or a number of requests a minute; or a table with that and more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RateLimit {
    pub(crate) per_minute: Rate,
    /// Addresses and networks of proxies that are believed when they name their client.
    pub(crate) trusted_proxies: Vec<IpNet>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rate {
    /// The contract's own limits.
    #[default]
    Standard,
    Off,
    Number(NonZeroU32),
}

impl Rate {
    pub(crate) fn limits(self) -> Option<PerMinute> {
        match self {
            Rate::Standard => Some(PerMinute::default()),
            Rate::Off => None,
            Rate::Number(it) => Some(PerMinute { customers: it, others: it }),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Rate::Standard => to.serialize_str("standard"),
            Rate::Off => to.serialize_str("off"),
            Rate::Number(limit) => to.serialize_u32(limit.get()),
        }
    }
}

/// Reads a rate; where `T` is a whole table, also its short form.
struct Visitor<T>(PhantomData<T>);

trait OrRate<'de>: From<Rate> {
    const EXPECTED: &'static str;

    fn read<A: de::MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

impl<'de> OrRate<'de> for Rate {
    const EXPECTED: &'static str = "off, standard, or a number of requests a minute";

    fn read<A: de::MapAccess<'de>>(_: A) -> Result<Rate, A::Error> {
        Err(de::Error::invalid_type(de::Unexpected::Map, &Self::EXPECTED))
    }
}

impl<'de> OrRate<'de> for RateLimit {
    const EXPECTED: &'static str =
        "off, standard, a number of requests a minute, or a table of settings";

    fn read<A: de::MapAccess<'de>>(map: A) -> Result<RateLimit, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, default)]
        #[derive(Default)]
        struct Table {
            per_minute: Rate,
            #[serde(deserialize_with = "networks")]
            trusted_proxies: Vec<IpNet>,
        }
        let Table { per_minute, trusted_proxies } =
            Table::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(RateLimit { per_minute, trusted_proxies })
    }
}

impl From<Rate> for RateLimit {
    fn from(per_minute: Rate) -> RateLimit {
        RateLimit { per_minute, trusted_proxies: Vec::new() }
    }
}

impl<'de, T: OrRate<'de>> de::Visitor<'de> for Visitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        match text {
            "off" => Ok(Rate::Off.into()),
            "standard" => Ok(Rate::Standard.into()),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: de::Error>(self, limit: u64) -> Result<T, E> {
        let number = u32::try_from(limit).ok().and_then(NonZeroU32::new);
        let number =
            number.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(limit), &self))?;
        Ok(Rate::Number(number).into())
    }

    fn visit_i64<E: de::Error>(self, limit: i64) -> Result<T, E> {
        match u64::try_from(limit) {
            Ok(limit) => self.visit_u64(limit),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(limit), &self)),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read(map)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Rate, D::Error> {
        from.deserialize_any(Visitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for RateLimit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RateLimit, D::Error> {
        from.deserialize_any(Visitor(PhantomData))
    }
}

/// A list, or its entries with commas between them, as an environment has them.
#[derive(Deserialize)]
#[serde(untagged)]
enum List {
    Entries(Vec<String>),
    Text(String),
}

impl List {
    fn entries(self) -> Vec<String> {
        match self {
            List::Entries(entries) => entries,
            List::Text(text) => {
                let entries = text.split(',').map(str::trim).filter(|it| !it.is_empty());
                entries.map(str::to_owned).collect()
            }
        }
    }
}

fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    let read = |text: &String| -> Result<IpNet, D::Error> {
        let network = text.parse().or_else(|_| text.parse().map(|it: IpAddr| IpNet::from(it)));
        network.map_err(|_| {
            let expected = "an address (10.0.0.1) or a network (10.0.0.0/8)";
            de::Error::invalid_value(de::Unexpected::Str(text), &expected)
        })
    };
    List::deserialize(from)?.entries().iter().map(read).collect()
}

/// Limits of connections; see `server::listener::Limits`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Connections {
    #[serde(deserialize_with = "positive")]
    max: u32,
    #[serde(deserialize_with = "positive")]
    head_seconds: u32,
    #[serde(deserialize_with = "positive")]
    body_seconds: u32,
    #[serde(deserialize_with = "positive")]
    idle_seconds: u32,
    #[serde(deserialize_with = "positive")]
    write_seconds: u32,
}

impl Default for Connections {
    fn default() -> Connections {
        let Limits { connections_max, head_time, body_time, idle_time, write_time } =
            Limits::default();
        let seconds = |it: Duration| u32::try_from(it.as_secs()).unwrap_or(u32::MAX);
        Connections {
            max: u32::try_from(connections_max).unwrap_or(u32::MAX),
            head_seconds: seconds(head_time),
            body_seconds: seconds(body_time),
            idle_seconds: seconds(idle_time),
            write_seconds: seconds(write_time),
        }
    }
}

impl Connections {
    pub(crate) fn limits(&self) -> Limits {
        let seconds = |it: u32| Duration::from_secs(it.into());
        Limits {
            connections_max: usize::try_from(self.max).unwrap_or(usize::MAX),
            head_time: seconds(self.head_seconds),
            body_time: seconds(self.body_seconds),
            idle_time: seconds(self.idle_seconds),
            write_time: seconds(self.write_seconds),
        }
    }
}

const POSITIVE_MAX: u32 = 1_000_000;

fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = u64::deserialize(from)?;
    let allowed = u32::try_from(number).ok().filter(|it| (1..=POSITIVE_MAX).contains(it));
    allowed.ok_or_else(|| {
        let expected = format!("a number from 1 to {POSITIVE_MAX}");
        de::Error::invalid_value(de::Unexpected::Unsigned(number), &expected.as_str())
    })
}

/// Pages of other origins that may call from a browser.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Cors {
    #[serde(deserialize_with = "origins")]
    pub(crate) origins: Vec<String>,
}

impl Cors {
    pub(crate) fn values(&self) -> Vec<HeaderValue> {
        self.origins.iter().filter_map(|it| HeaderValue::from_str(it).ok()).collect()
    }
}

/// As a browser sends it: scheme, host and perhaps a port, and nothing behind.
fn origins<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let origins = List::deserialize(from)?.entries();
    for origin in &origins {
        let host = ["https://", "http://"].iter().find_map(|it| origin.strip_prefix(it));
        let is_host = |it: &str| !it.is_empty() && !it.contains(['/', '?', '#', '@', '*', ' ']);
        if !host.is_some_and(is_host) || HeaderValue::from_str(origin).is_err() {
            let expected = "an origin as in https://shop.example, without a path; each is named";
            return Err(de::Error::invalid_value(de::Unexpected::Str(origin), &expected));
        }
    }
    Ok(origins)
}

/// PEM files: the chain of certificates with the server's own first, and its key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

impl Tls {
    pub(crate) fn files(&self) -> Result<Option<(&Path, &Path)>, String> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) => Err("tls.certificate is set and tls.key is not".into()),
            (None, Some(_)) => Err("tls.key is set and tls.certificate is not".into()),
        }
    }
}
