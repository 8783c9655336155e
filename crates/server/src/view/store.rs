//! A store of the shop.

use domain::shop::Shop;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Store)]
pub(crate) struct StoreView<'a> {
    store_id: u32,
    name: &'a str,
    currency: &'static str,
    time_zone: &'a str,
    invoice_prefix: &'a str,
    success_url: Option<&'a str>,
    success_hosts: &'a [String],
    test: bool,
    version: u64,
}

impl<'a> StoreView<'a> {
    pub(crate) fn new(shop: &'a Shop) -> StoreView<'a> {
        StoreView {
            store_id: shop.id.0,
            name: &shop.name,
            currency: shop.currency.code(),
            time_zone: &shop.time_zone,
            invoice_prefix: &shop.invoice_prefix,
            success_url: shop.success_url.as_deref(),
            success_hosts: &shop.success_hosts,
            test: shop.test,
            version: shop.version,
        }
    }
}

/// A store's secret as it is told once. What is remembered under a key has none in it; the answer
/// that goes out gets it at the end.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = StoreSecret)]
pub(crate) struct StoreSecretView {
    pub(crate) store_id: u32,
    /// Shown in this answer and never again: null where the answer is given again.
    pub(crate) secret: Option<String>,
}
