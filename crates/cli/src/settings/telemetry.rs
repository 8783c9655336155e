//! Where traces are exported to. A build without the feature `telemetry` knows nothing of it, and
//! says so: a setting that has no effect is worse than an error.

#[cfg(not(feature = "telemetry"))]
pub(crate) use self::absent::Telemetry;
#[cfg(feature = "telemetry")]
pub(crate) use self::present::Telemetry;

#[cfg(feature = "telemetry")]
mod present {
    use serde::{Deserialize, Deserializer, Serialize, de};

    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    pub(crate) struct Telemetry {
        /// The collector's address; without it nothing is exported.
        #[serde(deserialize_with = "endpoint")]
        pub(crate) endpoint: Option<String>,
        /// What this server is called among the others that the collector hears of.
        pub(crate) service_name: String,
        /// The part of the traces that begin here which is exported.
        #[serde(deserialize_with = "ratio")]
        pub(crate) sample_ratio: f64,
    }

    impl Default for Telemetry {
        fn default() -> Telemetry {
            Telemetry { endpoint: None, service_name: "orderd".into(), sample_ratio: 1.0 }
        }
    }

    fn endpoint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let url = engine::http::address(&text).map_err(de::Error::custom)?;
        if !url.username().is_empty() || url.password().is_some() {
            let why = "must have no user and no password; OTEL_EXPORTER_OTLP_HEADERS may have them";
            return Err(de::Error::custom(why));
        }
        Ok(Some(text))
    }

    fn ratio<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        let ratio = f64::deserialize(from)?;
        if (0.0..=1.0).contains(&ratio) {
            return Ok(ratio);
        }
        Err(de::Error::invalid_value(de::Unexpected::Float(ratio), &"a number from 0 to 1"))
    }
}

#[cfg(any(test, not(feature = "telemetry")))]
mod absent {
    use serde::{Deserialize, Deserializer, Serialize, de};

    #[derive(Clone, Debug, Default, Serialize)]
    pub(crate) struct Telemetry {}

    impl<'de> Deserialize<'de> for Telemetry {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Telemetry, D::Error> {
            Err(de::Error::custom(
                "this orderd can't export traces: it was built without the feature telemetry",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use figment::{
        Figment,
        providers::{Format, Toml},
    };

    use super::absent;

    #[test]
    fn a_build_without_the_feature_refuses_its_settings() {
        let set = Figment::from(Toml::string("[telemetry]\nendpoint = \"http://localhost:4318\""));
        let read = set.extract::<BTreeMap<String, absent::Telemetry>>();
        let why = read.expect_err("it can't be done").to_string();
        assert!(why.contains("built without the feature telemetry"), "{why}");
        assert!(why.contains("default.telemetry"), "{why}");
    }

    #[cfg(feature = "telemetry")]
    #[test]
    fn a_collector_is_an_address_and_a_share_is_at_most_all() {
        let check = |text: &str, told: Option<&str>| {
            let set = Figment::from(Toml::string(text));
            let read = set.extract::<super::Telemetry>().map_err(|it| it.to_string());
            match told {
                None => assert!(read.is_ok(), "{text}: {read:?}"),
                Some(told) => assert!(read.is_err_and(|it| it.contains(told)), "{text}"),
            }
        };
        check("", None);
        check("endpoint = \"http://localhost:4318\"\nservice_name = \"shop\"", None);
        check("endpoint = \"https://otel.example.com/in\"\nsample_ratio = 0.0", None);
        check("sample_ratio = 1", None);
        check("endpoint = \"localhost:4318\"", Some("http://"));
        check("endpoint = \"http://me:word@localhost:4318\"", Some("no password"));
        check("sample_ratio = 1.5", Some("from 0 to 1"));
        check("sample_ratio = nan", Some("from 0 to 1"));
        check("address = \"http://localhost:4318\"", Some("address"));
    }
}
