//! Settings of the pages on which buyers order.

use std::path::PathBuf;

use domain::order::PaymentMethod;
use serde::{Deserialize, Serialize, de};
use server::{Languages, PageKey};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Checkout {
    /// How buyers may pay, in the order in which it is offered.
    #[serde(deserialize_with = "methods")]
    pub(crate) payment_methods: Vec<PaymentMethod>,
    /// A folder of further languages.
    pub(crate) messages: Option<PathBuf>,
}

impl Default for Checkout {
    fn default() -> Checkout {
        let server::Checkout { payment_methods, .. } = server::Checkout::default();
        Checkout { payment_methods, messages: None }
    }
}

impl Checkout {
    pub(crate) fn with_key(&self, key: PageKey) -> Result<server::Checkout, String> {
        let languages = match &self.messages {
            Some(folder) => Languages::with_folder(folder)
                .map_err(|why| format!("the setting checkout.messages: {why}"))?,
            None => Languages::default(),
        };
        let payment_methods = self.payment_methods.clone();
        Ok(server::Checkout { payment_methods, languages, key: Some(key) })
    }
}

/// In a file a list, in the environment one text with commas.
fn methods<'de, D: de::Deserializer<'de>>(from: D) -> Result<Vec<PaymentMethod>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<String>),
        Text(String),
    }
    let words = match Written::deserialize(from)? {
        Written::List(words) => words,
        Written::Text(text) => text.split(',').map(|it| it.trim().to_owned()).collect(),
    };
    let read = |word: &String| {
        PaymentMethod::parse(word).ok_or_else(|| {
            let all = PaymentMethod::ALL.map(PaymentMethod::name).join(", ");
            de::Error::invalid_value(de::Unexpected::Str(word), &all.as_str())
        })
    };
    words.iter().map(read).collect()
}
