//! How things look in the API: names, money in major units, times in RFC 3339.

pub(crate) mod admin_event;
pub(crate) mod cart;
pub(crate) mod client;
pub(crate) mod customer;
pub(crate) mod delivery_method;
pub(crate) mod event;
pub(crate) mod import;
pub(crate) mod intent;
pub(crate) mod order;
pub(crate) mod payment;
pub(crate) mod product;
pub(crate) mod reconciliation;
pub(crate) mod review_rules;
pub(crate) mod shipment;
pub(crate) mod stock;
pub(crate) mod store;

use domain::{Currency, Moment, Money};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
    },
};

/// A JSON number in major units with exactly the currency's decimals; no float comes near it.
#[derive(Clone, Copy)]
pub(crate) struct Amount(pub(crate) Money, pub(crate) Currency);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.digits(self.1);
        let number: &RawValue =
            serde_json::from_str(digits.as_str()).map_err(serde::ser::Error::custom)?;
        number.serialize(to)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let description = "In major units, with exactly the currency's number of decimals: \
            75.00 USD, 7500 JPY, 7.500 KWD. Read it as a decimal, not as a float.";
        ObjectBuilder::new().schema_type(Type::Number).description(Some(description)).into()
    }
}

impl ToSchema for Amount {}

/// An RFC 3339 time.
#[derive(Clone, Copy)]
pub(crate) struct Time(pub(crate) Moment);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, in UTC; milliseconds where there are some"))
            .into()
    }
}

impl ToSchema for Time {}

/// Anything that is a text when it is printed.
pub(crate) struct Text<T>(pub(crate) T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}
